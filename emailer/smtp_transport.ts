import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { Buffer } from "node:buffer";
import { createTransport } from "nodemailer";
import type { SMTPPoolOptions } from "nodemailer/lib/smtp-pool";
import type { EmailerConfiguration } from "./configuration.ts";
import type { Mail } from "./mail.ts";
import { classifySmtpError, type SendOutcome } from "./send_outcome.ts";

/** Sends mails. */
export interface MailTransport {
  /**
   * Sends one mail.
   *
   * @param mail The mail.
   * @returns What the mail server said, within a time limit. It never throws for what a mail server may do.
   */
  readonly send: (mail: Mail) => Promise<SendOutcome>;
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

/** A transport that holds connections open. Disposing it closes them. */
export interface SmtpTransport extends MailTransport, Disposable {}

/**
 * Sends through SMTP (RFC 5321) with a pool of connections. The server's certificate is always verified.
 *
 * @param configuration The mail server and the credentials.
 * @param limits How long the mail server may take. @default 10 s to connect, 10 s to greet, 30 s of silence, 60 s in all
 * @returns The transport.
 */
export function createSmtpTransport(
  configuration: EmailerConfiguration,
  limits: SmtpTimeLimits = TIME_LIMITS,
): SmtpTransport {
  const { connectionTimeoutMs, sendTimeoutMs } = limits;
  const { SMTP_HOST: host, SMTP_PORT: port, SMTP_TLS: tlsMode, SMTP_CA } = configuration;
  const options: SMTPPoolOptions & { pool: true } = {
    pool: true,
    host,
    port,
    secure: tlsMode === "implicit",
    requireTLS: tlsMode === "starttls",
    ignoreTLS: tlsMode === "none",
    tls: SMTP_CA === undefined ? {} : { ca: readCertificate(SMTP_CA) },
    auth: { user: configuration.MAILTRAP_USER, pass: configuration.MAILTRAP_PASSWORD },
    maxConnections: configuration.SMTP_CONNECTIONS,
    maxMessages: MAILS_PER_CONNECTION,
    // A connection that the server closed while idle: the mail goes over the next one, once.
    maxRequeues: 1,
    rateLimit: configuration.SMTP_RATE_PER_SECOND,
    rateDelta: 1_000,
    connectionTimeout: connectionTimeoutMs,
    greetingTimeout: limits.greetingTimeoutMs,
    socketTimeout: limits.socketTimeoutMs,
    // nodemailer would resolve the name itself, which needs the right to reach any name server; the platform does it better.
    getSocket: (_options, callback) => {
      const connection = connect({ host, port });
      const timer = setTimeout(
        () => connection.destroy(new Error(`no connection within ${connectionTimeoutMs} ms`)),
        connectionTimeoutMs,
      );
      connection.once("error", (error) => {
        clearTimeout(timer);
        callback(error);
      });
      connection.once("connect", () => {
        clearTimeout(timer);
        connection.removeAllListeners("error");
        callback(null, { connection });
      });
    },
  };
  const transport = createTransport(options);
  return {
    async send({ envelope, raw }) {
      const signal = AbortSignal.timeout(sendTimeoutMs);
      try {
        const { response } = await transport.sendMail({
          envelope: { from: envelope.from, to: [...envelope.to] },
          raw: Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength),
          signal,
        });
        return { status: "accepted", replyCode: Number.parseInt(response, 10) };
      } catch (error) {
        if (signal.aborted) {
          return {
            status: "deferred",
            reason: `the mail server did not take the mail within ${sendTimeoutMs} ms`,
          };
        }
        return classifySmtpError(error);
      }
    },
    [Symbol.dispose]: () => transport.close(),
  };
}

/** The PEM text itself, or the file that holds it. */
function readCertificate(value: string): string {
  return value.startsWith("-----BEGIN") ? value : readFileSync(value, "utf8");
}
