import { LOOPBACK, serveHttpOn } from "../listen.ts";
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
  const server = await serveHttpOn(LOOPBACK, port, createControlApi(faults).fetch);
  return {
    url: `http://${LOOPBACK}:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
