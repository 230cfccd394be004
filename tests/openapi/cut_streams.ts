import { createServer, request } from "node:http";

/**
 * Passes everything on, but ends a stream after its first `collector` event: a client that waits for the end of an answer would
 * wait for ever.
 */
export async function cutStreams({ hostname, port, host }: URL) {
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const onward = request(
      { hostname, port, method, path: url, headers: { ...headers, host } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        if (answer.headers["content-type"] !== "text/event-stream") answer.pipe(outgoing);
        else {
          answer.on("data", (events) => {
            outgoing.write(events);
            if (!String(events).includes("event: collector")) return;
            outgoing.end();
            onward.destroy();
          });
        }
      },
    );
    onward.on("error", (error) => outgoing.destroy(error));
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Cannot listen");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
