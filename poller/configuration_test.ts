import { deepEqual, equal, ok } from "node:assert/strict";
import { readConfiguration } from "@playground/shared/configuration";
import { pollerConfiguration } from "./configuration.ts";

const NEEDED = {
  MONGODB_URL: "mongodb://127.0.0.1",
  MAILTRAP_BOXID: "12",
  MAILTRAP_TOKEN: "secret",
} as const;

function read(environment: Readonly<Record<string, string>> = {}) {
  return readConfiguration(pollerConfiguration, { ...NEEDED, ...environment });
}

function problemsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  const result = read(environment);
  ok(!result.ok);
  return result.problems;
}

Deno.test.each([
  ["HEALTH_PORT", "x"],
  ["MONGODB_URL", "http://example.com"],
  ["MAILTRAP_URL", "mailtrap.io"],
  ["MAILTRAP_API", "v2"],
  ["MAILTRAP_BOXID", "../12"],
  ["POLL_INTERVAL_SECONDS", "7"],
  ["POLL_INTERVAL_SECONDS", "90"],
  ["POLL_INTERVAL_SECONDS", "7200"],
  ["POLL_INTERVAL_SECONDS", "0"],
  ["POLL_INTERVAL_SECONDS", "1.5"],
  ["POLL_CONCURRENCY", "0"],
  ["TRACE_THROUGH_SMTP", "yes"],
])("the poller's configuration refuses %s=%s", (variable, value) => {
  const problems = problemsOf({ [variable]: value });
  equal(problems.length, 1);
  ok(problems[0]?.startsWith(`${variable}: must `), problems[0]);
});

Deno.test("the poller's configuration takes intervals that divide a minute, or whole minutes", () => {
  for (const value of ["1", "5", "60", "120", "3600"]) {
    equal(read({ POLL_INTERVAL_SECONDS: value }).ok, true, value);
  }
});

Deno.test("the poller's configuration needs an account for the style accounts alone", () => {
  deepEqual(problemsOf({ MAILTRAP_API: "accounts" }), [
    "MAILTRAP_ACCOUNT_ID: must be set to the id of your Mailtrap account when MAILTRAP_API is accounts",
  ]);
  equal(read({ MAILTRAP_API: "accounts", MAILTRAP_ACCOUNT_ID: "34" }).ok, true);
  equal(read({ MAILTRAP_API: "v1" }).ok, true);
});
