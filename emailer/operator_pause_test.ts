import { deepEqual, equal, match } from "node:assert/strict";
import { stopTime } from "@playground/shared/testing";
import { captureLog, startTestTracing, textOf } from "@playground/shared/testing/telemetry";
import { OperatorPause } from "./operator_pause.ts";
import type { LoginOutcome } from "./send_outcome.ts";

const WRONG_PASSWORD = "535 wrong password";
const REFUSED: LoginOutcome = { status: "failed", reason: "535 limit reached" };
const ACCEPTED: LoginOutcome = { status: "accepted" };

/** A pause with a mocked clock, and logins with these outcomes in turn. */
function pauseWith(...logins: readonly LoginOutcome[]) {
  const time = stopTime();
  const events: string[] = [];
  const outcomes = logins.values();
  const note = (event: string) => {
    events.push(event);
    return Promise.resolve();
  };
  const pause = new OperatorPause({
    stopConsuming: () => note("stop"),
    resumeConsuming: () => note("resume"),
    tryLogin: async () => {
      await note("login");
      return outcomes.next().value ?? REFUSED;
    },
    intervalMs: 1_000,
  });
  return {
    pause,
    events,
    pass: time.pass,
    [Symbol.dispose]() {
      pause[Symbol.dispose]();
      time[Symbol.dispose]();
    },
  };
}

Deno.test("OperatorPause resumes when its time is over and a login succeeds, with the latest reason until then", async () => {
  using test = pauseWith(REFUSED, ACCEPTED);
  const { pause, events, pass } = test;
  equal(pause.reason, undefined);
  pause.begin(WRONG_PASSWORD);
  match(
    pause.reason ?? "",
    /^Cannot send any mail: 535 wrong password; check MAILTRAP_USER, MAILTRAP_PASSWORD/,
  );
  await pass(999);
  deepEqual(events, ["stop"]);
  await pass(1);
  deepEqual(events, ["stop", "login"]);
  match(pause.reason ?? "", /535 limit reached/);
  await pass(1_000);
  deepEqual(events, ["stop", "login", "login", "resume"]);
  equal(pause.reason, undefined);
});

Deno.test("OperatorPause logs its beginning in the span of the email, and the rest in none", async () => {
  await using log = await captureLog();
  await using tracing = startTestTracing();
  using test = pauseWith(REFUSED, ACCEPTED);
  await tracing.tracing.inSpan("emailer", {}, () => test.pause.begin(WRONG_PASSWORD));
  await test.pass(1_000);
  await test.pass(1_000);
  const { spanId } = tracing.exporter.getSpan("emailer").spanContext();
  deepEqual(log.spanIds, [spanId, undefined, undefined]);
  equal(textOf(log.records.at(-1)), "The mail server accepts the login again; sending");
});

Deno.test("begin() changes nothing during a pause, and begins another one later", async () => {
  using test = pauseWith(ACCEPTED);
  test.pause.begin(WRONG_PASSWORD);
  test.pause.begin("535 another reply");
  match(test.pause.reason ?? "", /wrong password/);
  await test.pass(1_000);
  test.pause.begin("535 another reply");
  match(test.pause.reason ?? "", /another reply/);
  deepEqual(test.events, ["stop", "login", "resume", "stop"]);
});

Deno.test("disposing an OperatorPause ends it without consuming again", async () => {
  using test = pauseWith();
  test.pause.begin(WRONG_PASSWORD);
  test.pause[Symbol.dispose]();
  await test.pass(1_000);
  test.pause.begin(WRONG_PASSWORD);
  deepEqual(test.events, ["stop"]);
});
