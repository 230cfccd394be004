import { connect } from "node:net";
import type { SMTPTransportOptions } from "nodemailer/lib/smtp-transport";

/** How nodemailer asks for a connection. */
export type GetSocket = NonNullable<SMTPTransportOptions["getSocket"]>;

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
 * Makes the function that opens nodemailer's connections. By itself nodemailer would resolve the name, which needs the right to
 * reach any name server; the platform does it better.
 */
export function socketOpener(
  { host, port, connectionTimeoutMs }: SocketAddress,
  signal?: AbortSignal,
): GetSocket {
  return (_options, callback) => {
    const connection = connect({ host, port });
    const timer = setTimeout(
      () => connection.destroy(new Error(`no connection within ${connectionTimeoutMs} ms`)),
      connectionTimeoutMs,
    );
    const onAbort = () => connection.destroy(new Error("the connection was called off"));
    signal?.addEventListener("abort", onAbort, { once: true });
    connection.once("close", () => signal?.removeEventListener("abort", onAbort));
    connection.once("error", (error) => {
      clearTimeout(timer);
      callback(error);
    });
    connection.once("connect", () => {
      clearTimeout(timer);
      connection.removeAllListeners("error");
      callback(null, { connection });
    });
  };
}
