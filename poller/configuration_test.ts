import { deepEqual, equal, ok } from "node:assert/strict";
import { commonVariables, readConfiguration } from "@playground/shared/configuration";
import { pollerConfiguration } from "./configuration.ts";

const NEEDED = {
  MONGODB_URL: "mongodb://127.0.0.1",
  MAILTRAP_BOXID: "12",
  MAILTRAP_TOKEN: "it is secret",
} as const;

function read(environment: Readonly<Record<string, string>> = {}) {
  return readConfiguration(pollerConfiguration, { ...NEEDED, ...environment });
}

/** The variables that are this service's alone. */
function ownOf<Configuration extends object>(configuration: Configuration) {
  const entries = Object.entries(configuration).filter(([name]) => !(name in commonVariables));
  return Object.fromEntries(entries);
}

function problemsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  const result = read(environment);
  ok(!result.ok);
  return result.problems;
}

Deno.test("the poller's configuration has these defaults", () => {
  const result = read();
  ok(result.ok);
  const { MAILTRAP_URL, ...configuration } = result.configuration;
  equal(MAILTRAP_URL.href, "https://mailtrap.io/");
  deepEqual(ownOf(configuration), {
    HOST: "127.0.0.1",
    HEALTH_PORT: 8082,
    ALLOW_ANONYMOUS: false,
    MONGODB_URL: "mongodb://127.0.0.1",
    MAILTRAP_API: "sandboxes",
    MAILTRAP_BOXID: "12",
    MAILTRAP_TOKEN: "it is secret",
    POLL_INTERVAL_SECONDS: 30,
    POLL_CONCURRENCY: 8,
    TRACE_THROUGH_SMTP: "link",
  });
});

Deno.test("the poller's configuration lists all that is missing", () => {
  const result = readConfiguration(pollerConfiguration, {});
  ok(!result.ok);
  deepEqual(result.problems.map((problem) => problem.split(":")[0]), [
    "MONGODB_URL",
    "MAILTRAP_BOXID",
    "MAILTRAP_TOKEN",
  ]);
});

for (
  const [variable, value] of [
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
  ] as const
) {
  Deno.test(`the poller's configuration refuses ${variable}=${value}`, () => {
    const problems = problemsOf({ [variable]: value });
    equal(problems.length, 1);
    ok(problems[0]?.startsWith(`${variable}: must `), problems[0]);
  });
}

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

Deno.test("the poller's configuration repeats no secret in a problem", () => {
  const problems = problemsOf({ MONGODB_URL: "http://user:hunter2@example.com" });
  ok(!/hunter2|secret/.test(problems.join()));
});
