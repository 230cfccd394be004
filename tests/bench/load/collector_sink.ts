/**
 * A collector that takes spans and keeps none: what a service spends on sending them is measured, what a collector spends on them
 * is not.
 */
export function startCollectorSink(resources: AsyncDisposableStack) {
  let byteCount = 0;
  const server = resources.use(Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      byteCount += (await request.bytes()).length;
      return new Response(null, { status: 202 });
    },
  ));
  return { url: `http://127.0.0.1:${server.addr.port}`, byteCount: () => byteCount };
}
