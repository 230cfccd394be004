import { deepEqual, equal, match } from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";
import { captureLog, startTestTracing, textOf } from "@playground/shared/testing/telemetry";
import { OperatorPause } from "./operator_pause.ts";
import type { LoginOutcome } from "./send_outcome.ts";

/** A pause at a time that the test moves on, and logins that end as told, one after the other. */
function pauseWith(...logins: readonly LoginOutcome[]) {
  mock.timers.enable({ apis: ["setTimeout"] });
  const events: string[] = [];
  const remaining = [...logins];
  const pause = new OperatorPause({
    stopConsuming: () => {
      events.push("stop");
      return Promise.resolve();
    },
    resumeConsuming: () => {
      events.push("resume");
      return Promise.resolve();
    },
    tryLogin: () => {
      events.push("login");
      const outcome = remaining.shift();
      return outcome === undefined
        ? Promise.reject(new Error("tried too often"))
        : Promise.resolve(outcome);
    },
    intervalMs: 1_000,
  });
  return {
    pause,
    events,
    pass: async (milliseconds: number) => {
      await setImmediate();
      mock.timers.tick(milliseconds);
      await setImmediate();
    },
    [Symbol.dispose]() {
      pause[Symbol.dispose]();
      mock.timers.reset();
    },
  };
}

const REFUSED: LoginOutcome = { status: "failed", reason: "535 limit reached" };

Deno.test("OperatorPause has no reason before it begins", () => {
  using test = pauseWith();
  equal(test.pause.reason, undefined);
  deepEqual(test.events, []);
});

Deno.test("begin() stops the consuming and says why no mail can be sent", () => {
  using test = pauseWith();
  test.pause.begin("535 wrong password");
  deepEqual(test.events, ["stop"]);
  match(
    test.pause.reason ?? "",
    /^Cannot send any mail: 535 wrong password; check MAILTRAP_USER, MAILTRAP_PASSWORD/,
  );
});

Deno.test("OperatorPause resumes when its time is over and the login is taken", async () => {
  using test = pauseWith({ status: "accepted" });
  test.pause.begin("535 wrong password");
  await test.pass(999);
  deepEqual(test.events, ["stop"]);
  await test.pass(1);
  deepEqual(test.events, ["stop", "login", "resume"]);
  equal(test.pause.reason, undefined);
});

Deno.test("OperatorPause logs its beginning in the span of the email, and the rest in none", async () => {
  await using log = await captureLog();
  await using tracing = startTestTracing();
  using test = pauseWith(REFUSED, { status: "accepted" });
  await tracing.tracing.inSpan("emailer", {}, () => test.pause.begin("535 wrong password"));
  await test.pass(1_000);
  await test.pass(1_000);
  const { spanId } = tracing.exporter.getSpan("emailer").spanContext();
  deepEqual(log.spanIds, [spanId, undefined, undefined]);
  equal(textOf(log.records.at(-1)), "The mail server takes the login again; sending");
});

Deno.test("OperatorPause goes on while the login is refused, with the latest reason", async () => {
  using test = pauseWith(REFUSED, { status: "accepted" });
  test.pause.begin("535 wrong password");
  await test.pass(1_000);
  deepEqual(test.events, ["stop", "login"]);
  match(test.pause.reason ?? "", /535 limit reached/);
  await test.pass(1_000);
  deepEqual(test.events, ["stop", "login", "login", "resume"]);
});

Deno.test("begin() changes nothing while there is a pause already, and begins another one later", async () => {
  using test = pauseWith({ status: "accepted" });
  test.pause.begin("535 wrong password");
  test.pause.begin("535 another reply");
  match(test.pause.reason ?? "", /wrong password/);
  await test.pass(1_000);
  test.pause.begin("535 another reply");
  match(test.pause.reason ?? "", /another reply/);
  deepEqual(test.events, ["stop", "login", "resume", "stop"]);
});

Deno.test("disposing an OperatorPause ends it without consuming again", async () => {
  using test = pauseWith();
  test.pause.begin("535 wrong password");
  test.pause[Symbol.dispose]();
  await test.pass(1_000);
  test.pause.begin("535 wrong password");
  deepEqual(test.events, ["stop"]);
});
