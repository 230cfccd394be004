import { ok } from "node:assert/strict";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { type Server, Socket } from "node:net";

/** The connected sockets of this process, with the ports of their servers. */
const clients = new Map<Socket, number | undefined>();
subscribe("net.client.socket", (message) => {
  const isNamed = typeof message === "object" && message !== null && "socket" in message;
  const socket = isNamed ? message.socket : undefined;
  if (!(socket instanceof Socket)) return;
  socket.once("connect", () => clients.set(socket, socket.remotePort));
  socket.once("close", () => clients.delete(socket));
});

/**
 * A server on loopback. Disposing it cuts its connections, and waits until its clients in this process know: nodemailer keeps a
 * timer until the socket that it has ended is closed.
 */
export interface LoopbackServer extends AsyncDisposable {
  readonly port: number;
  readonly connectionCount: number;
  readonly openConnectionCount: number;
  readonly hangUp: () => void;
}

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
      const left = [...clients].filter(([, port]) => port === address.port);
      await Promise.all(left.map(([socket]) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        socket.once("close", () => resolve());
        return promise;
      }));
    },
  };
}
