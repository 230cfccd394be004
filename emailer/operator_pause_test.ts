import { equal, match } from "node:assert/strict";
import { mock } from "node:test";
import { OperatorPause } from "./operator_pause.ts";

/** Lets the time stand still. */
function stopTime(): Disposable {
  mock.timers.enable({ apis: ["setTimeout"] });
  return { [Symbol.dispose]: () => mock.timers.reset() };
}

Deno.test("OperatorPause has no reason while nobody waits", () => {
  using pause = new OperatorPause();
  equal(pause.reason, undefined);
});

Deno.test("wait() tells to try again when its time is over", async () => {
  using _time = stopTime();
  using pause = new OperatorPause();
  const waiting = pause.wait("535 wrong password");
  match(pause.reason ?? "", /^Cannot send any mail: 535 wrong password; check MAILTRAP_USER/);
  mock.timers.tick(29_999);
  match(pause.reason ?? "", /535 wrong password/);
  mock.timers.tick(1);
  equal(await waiting, true);
  equal(pause.reason, undefined);
});

Deno.test("wait() shares one pause among those who wait meanwhile", async () => {
  using _time = stopTime();
  using pause = new OperatorPause(1_000);
  const first = pause.wait("535 wrong password");
  mock.timers.tick(900);
  const second = pause.wait("535 another reply");
  match(pause.reason ?? "", /wrong password/);
  mock.timers.tick(100);
  equal(await first, true);
  equal(await second, true);
});

Deno.test("wait() pauses anew when the next attempt fails as well", async () => {
  using _time = stopTime();
  using pause = new OperatorPause(1_000);
  const first = pause.wait("535 wrong password");
  mock.timers.tick(1_000);
  await first;
  const second = pause.wait("535 limit reached");
  match(pause.reason ?? "", /limit reached/);
  mock.timers.tick(1_000);
  equal(await second, true);
});

Deno.test("disposing an OperatorPause ends the waiting for good", async () => {
  using _time = stopTime();
  const pause = new OperatorPause();
  const waiting = pause.wait("535 wrong password");
  pause[Symbol.dispose]();
  equal(await waiting, false);
  equal(await pause.wait("535 wrong password"), false);
});
