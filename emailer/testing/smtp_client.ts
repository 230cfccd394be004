import { equal, match, ok } from "node:assert/strict";
import type { Environment } from "@playground/shared/configuration";
import { emailerConfiguration } from "../configuration.ts";
import type { Mail } from "../mail.ts";
import type { SendOutcome } from "../send_outcome.ts";
import { createSmtpTransport, type SendTimeLimits, type SmtpTransport } from "../smtp_transport.ts";
import { PASSWORD, USER } from "./smtp_server.ts";

/** A mail with what SMTP has to take care of: dots at the beginning of lines. */
export const MAIL: Mail = {
  envelope: { from: "sender@example.com", to: ["recipient@example.com"] },
  raw: new TextEncoder().encode("Subject: x\r\n\r\n.leading dot\r\n..\r\n"),
};

/** Long enough for a busy machine, where a test is not about the limit itself. */
const PATIENT: SendTimeLimits = {
  connectionTimeoutMs: 10_000,
  greetingTimeoutMs: 10_000,
  silenceTimeoutMs: 10_000,
  sendTimeoutMs: 20_000,
  beginTimeoutMs: 10_000,
};

export function transportTo(
  port: number,
  environment: Environment = {},
  limits: Partial<SendTimeLimits> = {},
): SmtpTransport {
  const configuration = emailerConfiguration.parse({
    AMQP_URL: "amqp://127.0.0.1",
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: String(port),
    MAILTRAP_USER: USER,
    MAILTRAP_PASSWORD: PASSWORD,
    ...environment,
  });
  return createSmtpTransport(configuration, { ...PATIENT, ...limits });
}

/** Asserts a failure of one kind, with a reason. */
export function assertFailed(
  outcome: SendOutcome,
  status: SendOutcome["status"],
  reason: RegExp,
): void {
  ok(outcome.status !== "accepted");
  equal(outcome.status, status, outcome.reason);
  match(outcome.reason, reason);
}
