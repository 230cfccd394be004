import { z } from "zod";
import {
  amqpUrls,
  commonVariables,
  durations,
  integer,
  port,
  traceThroughSmtp,
} from "@playground/shared/configuration";
import { isLoopback } from "@playground/shared/http";

/** How PEM text begins (RFC 7468 section 2). */
const PEM_START = "-----BEGIN ";

/** How the connection to the mail server is protected. */
const TLS_MODES = ["starttls", "implicit", "none"] as const;

/** A domain or an address literal (RFC 5321 section 4.1.2 and 4.1.3), as far as it matters: nothing else fits into the line. */
const CLIENT_NAME = /^(?:[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*|\[[A-Za-z0-9.:-]{1,100}\])$/;

/** The environment variables of the emailer. */
export const emailerVariables = z.object({
  ...commonVariables,
  /** The address of the health port. */
  HOST: z.string().default("127.0.0.1"),
  /** The health port. */
  HEALTH_PORT: port(8081),
  /** The RabbitMQ nodes. */
  AMQP_URL: amqpUrls(),
  /** The mail server. */
  SMTP_HOST: z.string().default("sandbox.smtp.mailtrap.io"),
  /** Its port. */
  SMTP_PORT: port(2525),
  /** How the connection is protected; `none` on loopback only. */
  SMTP_TLS: z.enum(TLS_MODES, { error: `must be one of ${TLS_MODES.join(", ")}` }).default(
    "starttls",
  ),
  /** The PEM text of a private certificate authority. In the environment it is that, or a file with it. */
  SMTP_CA: z.string().transform(readCertificate).optional(),
  /** The user of the mail server. */
  MAILTRAP_USER: z.string({
    error: "must be set to the user of the SMTP credentials of your Mailtrap sandbox",
  }),
  /** The password of the mail server. */
  MAILTRAP_PASSWORD: z.string({
    error: "must be set to the password of the SMTP credentials of your Mailtrap sandbox",
  }),
  /** How the emailer calls itself to the mail server: its domain, or its address in brackets (RFC 5321 section 4.1.1.1). */
  SMTP_NAME: z.string().regex(CLIENT_NAME, {
    error: "must be a domain, such as mail.example.com, or an address, such as [192.0.2.1]",
  }).default("playground.invalid"),
  /** How long the mail server may take to greet. */
  SMTP_GREETING_TIMEOUT_SECONDS: integer(300, 1, 600),
  /** How long it may say nothing afterwards; the longest wait is for the reply to the last line of a mail. */
  SMTP_TIMEOUT_SECONDS: integer(600, 1, 720),
  /** How many connections to the mail server are kept open at most. */
  SMTP_CONNECTIONS: integer(4, 1, 100),
  /** How many mails a second at most; unset: no limit. */
  SMTP_RATE_PER_SECOND: integer(0, 0, 10_000),
  /** How many messages are taken from the queue at once; 0: twice the connections. */
  EMAILER_PREFETCH: integer(0, 0, 1_000),
  /** How long a mail that could not be sent waits: after the first attempt, the second, … */
  RETRY_DELAYS: durations("1s,5s,30s,2m,10m"),
  /** How often a mail is tried; 0: once more than there are delays. */
  MAX_ATTEMPTS: integer(0, 0, 1_000),
  /** While the mail server takes no mail of ours: how long to wait before each login. */
  OPERATOR_PAUSE_SECONDS: integer(30, 1, 3_600),
  /** How the trace goes on in the mail. */
  TRACE_THROUGH_SMTP: traceThroughSmtp,
});

/** The schema of the emailer's configuration. */
export const emailerConfiguration = emailerVariables.refine(
  ({ SMTP_TLS, SMTP_HOST }) => SMTP_TLS !== "none" || isLoopback(SMTP_HOST),
  {
    path: ["SMTP_TLS"],
    error: "must not be none for a mail server on another machine; use starttls or implicit",
  },
);

function readCertificate(value: string, context: z.RefinementCtx): string {
  if (value.startsWith(PEM_START)) return value;
  try {
    const text = Deno.readTextFileSync(value);
    if (text.includes(PEM_START)) return text;
    context.addIssue(
      "must name a file with a certificate authority, or be its PEM text: the file has no PEM text",
    );
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : `it cannot be read (${error instanceof Error ? error.name : error})`;
    context.addIssue(
      `must name a file with a certificate authority, or be its PEM text: ${reason}`,
    );
  }
  return z.NEVER;
}

/** The configuration of the emailer. */
export type EmailerConfiguration = z.output<typeof emailerConfiguration>;
