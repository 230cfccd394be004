import { Buffer } from "node:buffer";
import { createTransport } from "nodemailer";
import { TimeLimit } from "@playground/shared/lifecycle";
import type { EmailerConfiguration } from "./configuration.ts";
import type { Mail } from "./mail.ts";
import { classifySmtpError, type LoginOutcome, type SendOutcome } from "./send_outcome.ts";
import { socketOpener } from "./smtp_socket.ts";

/** Sends mails. */
export interface MailTransport {
  /** Sends one mail. */
  readonly send: (mail: Mail, signal?: AbortSignal) => Promise<SendOutcome>;
}

/** How long a mail server may take. */
export interface SmtpTimeLimits {
  /** One that does not take the connection in this time is not there. In milliseconds. */
  readonly connectionTimeoutMs: number;
  /** One that does not greet in this time is not well. In milliseconds. */
  readonly greetingTimeoutMs: number;
  /** One that says nothing for so long in the middle of a mail has forgotten it. In milliseconds. */
  readonly socketTimeoutMs: number;
  /** The longest that one mail may take, with waiting for a free connection. In milliseconds. */
  readonly sendTimeoutMs: number;
}

const TIME_LIMITS: SmtpTimeLimits = {
  connectionTimeoutMs: 10_000,
  greetingTimeoutMs: 10_000,
  socketTimeoutMs: 30_000,
  sendTimeoutMs: 60_000,
};

/** After so many mails a connection is renewed, as servers expect. */
const MAILS_PER_CONNECTION = 500;

const CANCELLED: SendOutcome = {
  status: "cancelled",
  reason: "the sending was called off before the mail server had answered",
};

/** A transport that holds connections open. Disposing it closes them. */
export interface SmtpTransport extends MailTransport, Disposable {
  /** Logs in on a connection of its own, and sends nothing. */
  readonly tryLogin: (signal: AbortSignal) => Promise<LoginOutcome>;
}

/**
 * Sends through SMTP (RFC 5321) with a pool of connections. The server's certificate is always verified.
 */
export function createSmtpTransport(
  configuration: EmailerConfiguration,
  limits: SmtpTimeLimits = TIME_LIMITS,
): SmtpTransport {
  const { connectionTimeoutMs, sendTimeoutMs } = limits;
  const { SMTP_HOST: host, SMTP_PORT: port, SMTP_TLS: tlsMode, SMTP_CA } = configuration;
  const server = {
    host,
    port,
    secure: tlsMode === "implicit",
    requireTLS: tlsMode === "starttls",
    ignoreTLS: tlsMode === "none",
    tls: SMTP_CA === undefined ? {} : { ca: SMTP_CA },
    auth: { user: configuration.MAILTRAP_USER, pass: configuration.MAILTRAP_PASSWORD },
    connectionTimeout: connectionTimeoutMs,
    greetingTimeout: limits.greetingTimeoutMs,
    socketTimeout: limits.socketTimeoutMs,
  };
  const address = { host, port, connectionTimeoutMs };
  const pool = createTransport({
    ...server,
    pool: true,
    maxConnections: configuration.SMTP_CONNECTIONS,
    maxMessages: MAILS_PER_CONNECTION,
    // A connection that the server closed while idle: the mail goes over the next one, once.
    maxRequeues: 1,
    rateLimit: configuration.SMTP_RATE_PER_SECOND,
    rateDelta: 1_000,
    getSocket: socketOpener(address),
  });
  return {
    async send({ envelope, raw }, signal) {
      if (signal?.aborted) return CANCELLED;
      using timeLimit = new TimeLimit(sendTimeoutMs);
      try {
        const { response } = await pool.sendMail({
          envelope: { from: envelope.from, to: [...envelope.to] },
          raw: Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength),
          signal: signal === undefined
            ? timeLimit.signal
            : AbortSignal.any([signal, timeLimit.signal]),
        });
        return { status: "accepted", replyCode: Number.parseInt(response, 10) };
      } catch (error) {
        if (signal?.aborted) return CANCELLED;
        if (timeLimit.signal.aborted) {
          return {
            status: "deferred",
            reason: `the mail server did not take the mail within ${sendTimeoutMs} ms`,
          };
        }
        return classifySmtpError(error);
      }
    },
    async tryLogin(signal) {
      // Not through the pool: its connections may still be logged in with what is not valid any more.
      const single = createTransport({ ...server, getSocket: socketOpener(address, signal) });
      try {
        await single.verify();
        return { status: "accepted" };
      } catch (error) {
        return { status: "failed", reason: classifySmtpError(error).reason };
      }
    },
    [Symbol.dispose]: () => pool.close(),
  };
}
