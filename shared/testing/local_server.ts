/** A web server on this machine. Disposing it stops it, whatever it still has to answer. */
export interface LocalServer extends AsyncDisposable {
  readonly url: string;
}

/** Serves on a free port of loopback. */
export function serveLocally(
  handle: (request: Request) => Response | Promise<Response>,
): LocalServer {
  const stop = new AbortController();
  const { addr, finished } = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: stop.signal, onListen: () => {} },
    handle,
  );
  return {
    url: `http://127.0.0.1:${addr.port}`,
    [Symbol.asyncDispose]() {
      stop.abort();
      return finished;
    },
  };
}
