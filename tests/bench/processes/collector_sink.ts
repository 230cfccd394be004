/**
 * A collector that takes spans and keeps none: what a service spends on sending them is measured, what a collector spends on them
 * is not.
 *
 * @module
 */
import { serveCommands } from "./serve_commands.ts";

/** What it has taken since it was asked last. */
export interface CollectedSpans {
  /** How many bytes of JSON. */
  readonly bytes: number;
  /** How many requests. */
  readonly requests: number;
}

let bytes = 0;
let requests = 0;
const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  async (request) => {
    bytes += (await request.bytes()).length;
    requests++;
    return new Response(null, { status: 202 });
  },
);
await serveCommands((): CollectedSpans => {
  const collected = { bytes, requests };
  bytes = requests = 0;
  return collected;
}, { url: `http://127.0.0.1:${server.addr.port}` });
