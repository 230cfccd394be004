import { deepEqual, equal, ok } from "node:assert/strict";
import { readConfiguration } from "@playground/shared/configuration";
import { integrationTest } from "@playground/shared/testing";
import { emailerConfiguration } from "./configuration.ts";

const NEEDED = {
  AMQP_URL: "amqp://127.0.0.1",
  MAILTRAP_USER: "user",
  MAILTRAP_PASSWORD: "secret",
} as const;

function read(environment: Readonly<Record<string, string>> = {}) {
  return readConfiguration(emailerConfiguration, { ...NEEDED, ...environment });
}

function problemsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  const result = read(environment);
  ok(!result.ok);
  return result.problems;
}

Deno.test.each([
  ["HEALTH_PORT", "99999"],
  ["AMQP_URL", "http://example.com"],
  ["SMTP_PORT", "smtp"],
  ["SMTP_TLS", "maybe"],
  ["SMTP_NAME", "two words"],
  ["SMTP_NAME", "here\r\nMAIL FROM:<x@example.com>"],
  ["SMTP_NAME", "[127.0.0.1"],
  ["SMTP_GREETING_TIMEOUT_SECONDS", "0"],
  ["SMTP_TIMEOUT_SECONDS", "1000"],
  ["SMTP_CONNECTIONS", "0"],
  ["SMTP_RATE_PER_SECOND", "-1"],
  ["EMAILER_PREFETCH", "1.5"],
  ["RETRY_DELAYS", "1s,soon"],
  ["RETRY_DELAYS", "0s"],
  ["MAX_ATTEMPTS", "many"],
  ["TRACE_THROUGH_SMTP", "always"],
])("the emailer's configuration refuses %s=%s", (variable, value) => {
  const problems = problemsOf({ [variable]: value });
  equal(problems.length, 1);
  ok(problems[0]?.startsWith(`${variable}: must `), problems[0]);
});

Deno.test("the emailer's configuration takes SMTP_TLS=none on loopback only", () => {
  deepEqual(problemsOf({ SMTP_TLS: "none", SMTP_HOST: "smtp.example.com" }), [
    "SMTP_TLS: must not be none for a mail server on another machine; use starttls or implicit",
  ]);
  for (const host of ["127.0.0.1", "::1", "[::1]", "localhost"]) {
    equal(read({ SMTP_TLS: "none", SMTP_HOST: host }).ok, true);
  }
});

Deno.test("SMTP_CA may be PEM text itself", () => {
  const result = read({ SMTP_CA: "-----BEGIN CERTIFICATE-----" });
  equal(result.ok && result.configuration.SMTP_CA, "-----BEGIN CERTIFICATE-----");
});

integrationTest("SMTP_CA may name a file with PEM text, and nothing else", async () => {
  const folder = await Deno.makeTempDir();
  const pem = "# An authority\n-----BEGIN CERTIFICATE-----\n";
  await Deno.writeTextFile(`${folder}/ca.pem`, pem);
  await Deno.writeTextFile(`${folder}/empty.pem`, "");
  try {
    const result = read({ SMTP_CA: `${folder}/ca.pem` });
    equal(result.ok && result.configuration.SMTP_CA, pem);
    for (
      const [path, reason] of [
        [`${folder}/none.pem`, "there is no such file"],
        [`${folder}/empty.pem`, "the file has no PEM text"],
        [folder, "it cannot be read (IsADirectory)"],
      ] as const
    ) {
      deepEqual(problemsOf({ SMTP_CA: path, EMAILER_PREFETCH: "many" }), [
        `SMTP_CA: must name a file with a certificate authority, or be its PEM text: ${reason}`,
        "EMAILER_PREFETCH: must be a whole number from 0 to 1000",
      ]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
