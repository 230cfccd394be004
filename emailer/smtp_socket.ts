import { connect, type Socket } from "node:net";

/** Where to connect to. */
export interface SocketAddress {
  /** Host name or address. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** A server that does not take the connection in this time is not there. In milliseconds. */
  readonly connectionTimeoutMs: number;
}

/**
 * Opens a connection for nodemailer. By itself nodemailer would resolve the name, which needs the right to reach any name server;
 * the platform does it better.
 *
 * @throws What the network says, or the signal's reason.
 */
export async function openSocket(
  { host, port, connectionTimeoutMs }: SocketAddress,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ host, port });
  const giveUp = (reason: unknown) => {
    socket.destroy();
    reject(reason);
  };
  const timer = setTimeout(
    () => giveUp(new Error(`no connection within ${connectionTimeoutMs} ms`)),
    connectionTimeoutMs,
  );
  const onAbort = () => giveUp(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  socket.on("error", reject);
  socket.once("connect", () => resolve(socket));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    // What becomes of an open connection its user hears.
    if (!socket.destroyed) socket.off("error", reject);
  }
}
