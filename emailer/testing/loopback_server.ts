import { ok } from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

/** A server on loopback. Disposing it cuts its connections. */
export interface LoopbackServer extends AsyncDisposable {
  readonly port: number;
  /** How many connections have been made. */
  readonly connectionCount: number;
  readonly openConnectionCount: number;
  /** Cuts all connections. */
  readonly hangUp: () => void;
}

/** Lets a server listen on a free port. */
export async function listenOnLoopback(server: Server): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  let connectionCount = 0;
  server.on("connection", (socket: Socket) => {
    connectionCount++;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A client may leave at any time.
    socket.on("error", () => {});
  });
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  ok(address !== null && typeof address === "object");
  return {
    port: address.port,
    get connectionCount() {
      return connectionCount;
    },
    get openConnectionCount() {
      return sockets.size;
    },
    hangUp,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      hangUp();
      await closed.promise;
    },
  };
}

/** Starts a server that accepts connections and stays silent. */
export function startSilentServer(): Promise<LoopbackServer> {
  return listenOnLoopback(createServer());
}
