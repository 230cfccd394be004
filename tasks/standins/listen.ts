import type { AddressInfo, Server } from "node:net";
import { HttpListener, type RequestHandler } from "@playground/shared/lifecycle";
import type { StandIn } from "./stand_in.ts";

/** Stand-ins are for this machine only: they have no real authentication. */
export const LOOPBACK = "127.0.0.1";

const PORTS_TO_TRY = 20;
const LAST_PORT = 65_535;

/** Calls `bind` with the wanted port, then with the ones above it while they are taken, finally with 0 (any free one). */
async function onFreePort<Listener>(
  port: number,
  bind: (port: number) => Listener | Promise<Listener>,
): Promise<Listener> {
  const end = Math.min(port + PORTS_TO_TRY - 1, LAST_PORT);
  for (let candidate = port; candidate > 0 && candidate <= end; candidate++) {
    try {
      return await bind(candidate);
    } catch (error) {
      if (!isAddressInUse(error)) throw error;
    }
  }
  return await bind(0);
}

/** Lets a `node:net` server listen near the wanted port; resolves to its port. */
export function listenOn(hostname: string, server: Server, port: number): Promise<number> {
  return onFreePort(port, (candidate) =>
    new Promise<number>((resolve, reject) => {
      server.once("error", reject);
      server.listen(candidate, hostname, () => {
        server.off("error", reject);
        resolve((server.address() as AddressInfo).port);
      });
    }));
}

/** Serves HTTP near the wanted port. Its end does not wait for open requests. */
export async function serveHttpOn(
  hostname: string,
  port: number,
  handler: RequestHandler,
): Promise<StandIn> {
  const listener = await onFreePort(
    port,
    (candidate) => new HttpListener({ hostname, port: candidate, finishTimeoutMs: 0 }, handler),
  );
  return Object.assign(listener, { url: `http://${hostname}:${listener.addr.port}` });
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Deno.errors.AddrInUse ||
    (error instanceof Error && "code" in error && error.code === "EADDRINUSE");
}
