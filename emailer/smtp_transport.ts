import { TimeLimit } from "@playground/shared/time";
import type { EmailerConfiguration } from "./configuration.ts";
import type { Mail } from "./mail.ts";
import { createReplyCleaner } from "./reply_cleaner.ts";
import { classifySmtpError, type LoginOutcome, type SendOutcome } from "./send_outcome.ts";
import { SmtpPool } from "./smtp_pool.ts";
import { SmtpSession, type SmtpTimeLimits } from "./smtp_session.ts";

/** Sends mails. */
export interface MailTransport {
  readonly send: (mail: Mail, signal?: AbortSignal) => Promise<SendOutcome>;
}

/** How long sending may take. */
export interface SendTimeLimits extends SmtpTimeLimits {
  /** The longest that one mail may take, including the wait for a free connection, in milliseconds. */
  readonly sendTimeoutMs: number;
  /** The longest until it begins, in milliseconds. */
  readonly beginTimeoutMs: number;
}

/** The operating system accepts connections, not the mail server: one that takes longer is unreachable. */
const CONNECTION_TIMEOUT_MS = 10_000;
/**
 * A message is settled within 25 minutes of its receipt, since RabbitMQ takes it back after 30
 * (https://www.rabbitmq.com/docs/consumers#acknowledgement-timeout). The last of them is for the broker.
 */
const SEND_TIMEOUT_MS = 24 * 60_000;

const CANCELLED: SendOutcome = {
  status: "cancelled",
  reason: "the sending was aborted before the mail server had answered",
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
    // A mail that begins later could not wait long enough for its last reply.
    beginTimeoutMs: SEND_TIMEOUT_MS - silenceTimeoutMs,
  };
}

/** Sends through SMTP (RFC 5321) with a pool of connections. The server's certificate is always verified. */
export function createSmtpTransport(
  configuration: EmailerConfiguration,
  overrides: Partial<SendTimeLimits> = {},
): SmtpTransport {
  const limits = { ...timeLimitsOf(configuration), ...overrides };
  const { sendTimeoutMs, beginTimeoutMs } = limits;
  const { MAILTRAP_USER: user, MAILTRAP_PASSWORD: password } = configuration;
  const clean = createReplyCleaner({ user, password });
  // Bounded as a whole too, for servers that talk forever.
  const loginTimeoutMs = limits.greetingTimeoutMs + limits.silenceTimeoutMs;
  const open = async (signal: AbortSignal) => {
    using limit = new TimeLimit(loginTimeoutMs, signal);
    try {
      return await SmtpSession.open(configuration, limits, limit.signal);
    } catch (error) {
      if (signal.aborted || !limit.signal.aborted) throw error;
      throw new Error(`the mail server did not finish the login within ${loginTimeoutMs} ms`);
    }
  };
  const pool = new SmtpPool({
    open,
    maxConnections: configuration.SMTP_CONNECTIONS,
    mailsPerSecond: configuration.SMTP_RATE_PER_SECOND,
  });
  return {
    async send(mail, signal) {
      using whole = new TimeLimit(sendTimeoutMs, signal);
      using waiting = new TimeLimit(beginTimeoutMs, whole.signal);
      try {
        const reply = await pool.send(mail, waiting.signal, whole.signal);
        return { status: "accepted", replyCode: Number.parseInt(reply, 10) };
      } catch (error) {
        if (signal?.aborted) return CANCELLED;
        if (whole.signal.aborted) {
          const reason = `the mail server did not take the mail within ${sendTimeoutMs} ms`;
          return { status: "deferred", reason };
        }
        if (error === waiting.signal.reason) {
          const reason = `the mail could not begin within ${beginTimeoutMs} ms`;
          return { status: "postponed", reason };
        }
        return classifySmtpError(error, (text) => clean(text, mail.envelope));
      }
    },
    async tryLogin(signal) {
      // Not through the pool: its connections may be logged in with credentials that are no longer valid.
      try {
        const session = await open(signal);
        session.close();
        return { status: "accepted" };
      } catch (error) {
        return { status: "failed", reason: classifySmtpError(error, clean).reason };
      }
    },
    [Symbol.dispose]: () => pool[Symbol.dispose](),
  };
}
