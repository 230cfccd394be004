/** A web server on this machine. Disposing it stops it. */
export interface LocalServer extends AsyncDisposable {
  readonly url: string;
}

/** Serves on a free port of loopback. */
export function serveLocally(
  handle: (request: Request) => Response | Promise<Response>,
): LocalServer {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handle);
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
