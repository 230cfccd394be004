import { z } from "zod";
import {
  amqpUrls,
  commonVariables,
  integer,
  oneOf,
  port,
  retryDelays,
  traceThroughSmtp,
} from "@playground/shared/configuration";
import { isLoopback } from "@playground/shared/http";

/** The beginning of PEM text (RFC 7468 section 2). */
const PEM_START = "-----BEGIN ";

/** A domain or an address literal (RFC 5321 section 4.1.2 and 4.1.3), checked only enough to keep the command line valid. */
const CLIENT_NAME = /^(?:[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*|\[[A-Za-z0-9.:-]{1,100}\])$/;

/** The environment variables of the emailer. */
export const emailerVariables = z.object({
  ...commonVariables,
  HOST: z.string().default("127.0.0.1").describe("The address of the health port"),
  HEALTH_PORT: port(8081).describe("The health port: /healthz, /readyz and /metrics"),
  AMQP_URL: amqpUrls().describe("The RabbitMQ nodes, separated by commas; embedded in dev"),
  SMTP_HOST: z.string().default("sandbox.smtp.mailtrap.io").describe("The mail server"),
  SMTP_PORT: port(2525).describe("The port of the mail server"),
  SMTP_TLS: oneOf(["starttls", "implicit", "none"]).default("starttls").describe(
    "How the connection is protected: starttls, implicit, or none on loopback only; certificates are always verified",
  ),
  SMTP_CA: z.string().transform(readCertificate).optional().describe(
    "A private certificate authority: its PEM text, or a file with it; unset: the system's",
  ),
  MAILTRAP_USER: z.string({
    error: "must be set to the user of the SMTP credentials of your Mailtrap sandbox",
  }).describe("The user of the mail server; embedded in dev"),
  MAILTRAP_PASSWORD: z.string({
    error: "must be set to the password of the SMTP credentials of your Mailtrap sandbox",
  }).describe("The password of the mail server; embedded in dev"),
  SMTP_NAME: z.string().regex(CLIENT_NAME, {
    error: "must be a domain, such as mail.example.com, or an address, such as [192.0.2.1]",
  }).default("playground.invalid").describe(
    "The emailer's name in EHLO: its domain, or its address in brackets (RFC 5321 section 4.1.1.1)",
  ),
  SMTP_GREETING_TIMEOUT_SECONDS: integer(300, 1, 600).describe(
    "How long the mail server may take to greet (RFC 5321 section 4.5.3.2); 10 in dev",
  ),
  SMTP_TIMEOUT_SECONDS: integer(600, 1, 720).describe(
    "How long the mail server may be silent afterwards; an emailer that gives up before the 250 sends the mail again; 30 in dev",
  ),
  SMTP_CONNECTIONS: integer(4, 1, 100).describe("The most connections to the mail server"),
  SMTP_RATE_PER_SECOND: integer(0, 0, 10_000).describe("The most mails a second; 0: no limit"),
  EMAILER_PREFETCH: integer(0, 0, 1_000).describe(
    "The most unacknowledged messages (AMQP prefetch); 0: twice the connections",
  ),
  RETRY_DELAYS: retryDelays.describe(
    "How long to wait before the next attempt: after the first, the second, …",
  ),
  MAX_ATTEMPTS: integer(0, 0, 1_000).describe(
    "The most attempts for a mail; 0: one more than there are delays",
  ),
  OPERATOR_PAUSE_SECONDS: integer(30, 1, 3_600).describe(
    "How long to wait before each login attempt while the mail server accepts none of our mails",
  ),
  TRACE_RETRIES: oneOf(["child", "link"]).default("child").describe(
    "Where a further attempt is traced: child continues the trace, link begins one of its own, linked to the one before",
  ),
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
  let reason = "the file has no PEM text";
  try {
    const text = Deno.readTextFileSync(value);
    if (text.includes(PEM_START)) return text;
  } catch (error) {
    reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : `it cannot be read (${error instanceof Error ? error.name : error})`;
  }
  context.addIssue(`must name a file with a certificate authority, or be its PEM text: ${reason}`);
  return z.NEVER;
}

/** The configuration of the emailer. */
export type EmailerConfiguration = z.output<typeof emailerConfiguration>;
