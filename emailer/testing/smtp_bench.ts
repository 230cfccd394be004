import { equal, match, ok } from "node:assert/strict";
import type { Environment } from "@playground/shared/configuration";
import { emailerConfiguration } from "../configuration.ts";
import type { Mail } from "../mail.ts";
import type { SendOutcome } from "../send_outcome.ts";
import { createSmtpTransport, type SendTimeLimits } from "../smtp_transport.ts";
import type { LoopbackServer } from "./loopback_server.ts";
import { PASSWORD, USER } from "./smtp_server.ts";

/** A mail with dots at the beginning of lines, which SMTP must stuff. */
export const MAIL: Mail = {
  envelope: { from: "sender@example.com", to: ["recipient@example.com"] },
  raw: new TextEncoder().encode("Subject: x\r\n\r\n.leading dot\r\n..\r\n"),
};

/** Long enough for a busy machine, for tests of other things. */
const PATIENT: SendTimeLimits = {
  connectionTimeoutMs: 10_000,
  greetingTimeoutMs: 10_000,
  silenceTimeoutMs: 10_000,
  sendTimeoutMs: 20_000,
  beginTimeoutMs: 10_000,
};

/** A transport to a server; both end together. */
export function benchWith<Server extends LoopbackServer>(
  server: Server,
  environment: Environment,
  limits: Partial<SendTimeLimits> = {},
) {
  const configuration = emailerConfiguration.parse({
    AMQP_URL: "amqp://127.0.0.1",
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: String(server.port),
    MAILTRAP_USER: USER,
    MAILTRAP_PASSWORD: PASSWORD,
    ...environment,
  });
  const transport = createSmtpTransport(configuration, { ...PATIENT, ...limits });
  return {
    server,
    transport,
    send: (mail = MAIL, signal?: AbortSignal) => transport.send(mail, signal),
    async [Symbol.asyncDispose]() {
      transport[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
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
