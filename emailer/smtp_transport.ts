import { withoutBrackets } from "@playground/shared/http";
import { TimeLimit } from "@playground/shared/time";
import type { EmailerConfiguration } from "./configuration.ts";
import type { Mail } from "./mail.ts";
import { createReplyCleaner } from "./reply_cleaner.ts";
import { classifySmtpError, type LoginOutcome, type SendOutcome } from "./send_outcome.ts";
import { SmtpPool } from "./smtp_pool.ts";
import { type SmtpServer, SmtpSession, type SmtpTimeLimits } from "./smtp_session.ts";

/** Sends mails. */
export interface MailTransport {
  /** Sends one mail. */
  readonly send: (mail: Mail, signal?: AbortSignal) => Promise<SendOutcome>;
}

/** How long sending may take. */
export interface SendTimeLimits extends SmtpTimeLimits {
  /** The longest that one mail may take, with waiting for a free connection. In milliseconds. */
  readonly sendTimeoutMs: number;
  /** The longest that it may take to begin with it. In milliseconds. */
  readonly beginTimeoutMs: number;
}

/** One that does not take a connection in this time is not there: that is the system's work, not the mail server's. */
const CONNECTION_TIMEOUT_MS = 10_000;
/**
 * From its receipt a message is settled within 25 minutes, since RabbitMQ takes back what is not after 30
 * (https://www.rabbitmq.com/docs/consumers#acknowledgement-timeout). The last of them is for the broker.
 */
const SEND_TIMEOUT_MS = 24 * 60_000;

const CANCELLED: SendOutcome = {
  status: "cancelled",
  reason: "the sending was called off before the mail server had answered",
};

/** A transport that holds connections open. Disposing it closes them. */
export interface SmtpTransport extends MailTransport, Disposable {
  /** Logs in on a connection of its own, and sends nothing. */
  readonly tryLogin: (signal: AbortSignal) => Promise<LoginOutcome>;
}

/** How long sending may take, as configured. */
export function timeLimitsOf(
  { SMTP_GREETING_TIMEOUT_SECONDS, SMTP_TIMEOUT_SECONDS }: Pick<
    EmailerConfiguration,
    "SMTP_GREETING_TIMEOUT_SECONDS" | "SMTP_TIMEOUT_SECONDS"
  >,
): SendTimeLimits {
  const silenceTimeoutMs = SMTP_TIMEOUT_SECONDS * 1_000;
  return {
    connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
    greetingTimeoutMs: SMTP_GREETING_TIMEOUT_SECONDS * 1_000,
    silenceTimeoutMs,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    // What begins later could not wait for the reply to its last line.
    beginTimeoutMs: SEND_TIMEOUT_MS - silenceTimeoutMs,
  };
}

/**
 * Sends through SMTP (RFC 5321) with a pool of connections. The server's certificate is always verified.
 */
export function createSmtpTransport(
  configuration: EmailerConfiguration,
  overrides: Partial<SendTimeLimits> = {},
): SmtpTransport {
  const { MAILTRAP_USER: user, MAILTRAP_PASSWORD: password, SMTP_CA } = configuration;
  const limits = { ...timeLimitsOf(configuration), ...overrides };
  const { greetingTimeoutMs, silenceTimeoutMs, sendTimeoutMs, beginTimeoutMs } = limits;
  const server: SmtpServer = {
    host: withoutBrackets(configuration.SMTP_HOST),
    port: configuration.SMTP_PORT,
    tlsMode: configuration.SMTP_TLS,
    ca: SMTP_CA,
    user,
    password,
    clientName: configuration.SMTP_NAME,
    limits,
  };
  const clean = createReplyCleaner({ user, password });
  const loginTimeoutMs = greetingTimeoutMs + silenceTimeoutMs;
  /** One that never falls silent, and never comes to an end, is left as well. */
  const logIn = async (signal: AbortSignal): Promise<SmtpSession> => {
    using limit = new TimeLimit(loginTimeoutMs, signal);
    try {
      return await SmtpSession.open(server, limit.signal);
    } catch (error) {
      if (signal.aborted || !limit.signal.aborted) throw error;
      throw new Error(`the mail server did not finish the login within ${loginTimeoutMs} ms`);
    }
  };
  const pool = new SmtpPool({
    open: logIn,
    maxConnections: configuration.SMTP_CONNECTIONS,
    mailsPerSecond: configuration.SMTP_RATE_PER_SECOND,
  });
  return {
    async send(mail, signal) {
      if (signal?.aborted) return CANCELLED;
      using whole = new TimeLimit(sendTimeoutMs, signal);
      using waiting = new TimeLimit(beginTimeoutMs, whole.signal);
      try {
        const reply = await pool.send(mail, waiting.signal, whole.signal);
        return { status: "accepted", replyCode: Number.parseInt(reply, 10) };
      } catch (error) {
        if (signal?.aborted) return CANCELLED;
        if (whole.signal.aborted) {
          return {
            status: "deferred",
            reason: `the mail server did not take the mail within ${sendTimeoutMs} ms`,
          };
        }
        if (error === waiting.signal.reason) {
          return {
            status: "postponed",
            reason: `the mail could not begin within ${beginTimeoutMs} ms`,
          };
        }
        return classifySmtpError(error, (text) => clean(text, mail.envelope));
      }
    },
    async tryLogin(signal) {
      // Not through the pool: its connections may still be logged in with what is not valid any more.
      try {
        const session = await logIn(signal);
        session.close();
        return { status: "accepted" };
      } catch (error) {
        return { status: "failed", reason: classifySmtpError(error, clean).reason };
      }
    },
    [Symbol.dispose]: () => pool[Symbol.dispose](),
  };
}
