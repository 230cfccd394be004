import { LOOPBACK, onFreePort } from "../listen.ts";
import type { StandIn } from "../stand_in.ts";
import { createControlApi } from "./control_api.ts";
import type { Faults } from "./registry.ts";

/** Where the control API is. */
const USUAL_FAULTS_PORT = 8026;

/** Serves the control API on loopback. */
export async function startControlServer(
  faults: Faults,
  port: number = USUAL_FAULTS_PORT,
): Promise<StandIn> {
  const app = createControlApi(faults);
  const closing = new AbortController();
  const server = await onFreePort(port, (candidate) =>
    Deno.serve(
      { hostname: LOOPBACK, port: candidate, signal: closing.signal, onListen: () => {} },
      app.fetch,
    ));
  return {
    url: `http://${LOOPBACK}:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      // Not `shutdown()`: it waits for as long as a client leaves a request half sent.
      closing.abort();
      await server.finished;
    },
  };
}
