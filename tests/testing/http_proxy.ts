/** A way to an HTTP server on which answers can be replaced. Disposing it closes it. */
export interface HttpProxy extends AsyncDisposable {
  /** Where to send requests instead of to the server itself. */
  readonly url: string;
  /** Answers requests instead of the server. */
  readonly intercept: (
    answer?: (request: Request) => Response | undefined | Promise<Response | undefined>,
  ) => void;
}

/** Starts a proxy on loopback. */
export function startHttpProxy(target: string): HttpProxy {
  let answer: Parameters<HttpProxy["intercept"]>[0];
  const closing = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: closing.signal, onListen: () => {} },
    async (request) => {
      const intercepted = await answer?.(request);
      if (intercepted !== undefined) return intercepted;
      const { pathname, search } = new URL(request.url);
      const body = request.method === "POST" ? await request.bytes() : undefined;
      try {
        return await fetch(new URL(pathname + search, target), {
          method: request.method,
          headers: request.headers,
          ...(body === undefined ? {} : { body }),
        });
      } catch {
        return new Response("The server cannot be reached", { status: 502 });
      }
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    intercept(next) {
      answer = next;
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await server.finished;
    },
  };
}
