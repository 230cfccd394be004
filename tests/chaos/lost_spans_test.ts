import { deepEqual, equal } from "node:assert/strict";
import type { FaultRecord, Link } from "./faults.ts";
import { explainLostSpan, untilConfirmed } from "./lost_spans.ts";

const freeze = (target: Link, fromMs: number, toMs: number): FaultRecord => (
  { kind: "freeze", target, fromMs, toMs }
);
const kill = (target: string, atMs: number): FaultRecord => (
  { kind: "kill", target, fromMs: atMs, toMs: atMs + 1_000 }
);
const stop = (target: string, atMs: number): FaultRecord => ({
  ...kill(target, atMs),
  kind: "stop",
});
const AWAY = freeze("services to collector", 9_000, 13_000);

for (
  const [expected, what, ...faults] of [
    [false, "nothing happened"],
    [true, "its process was killed at once", kill("emailer 2", 10_500)],
    [false, "its process was killed before", kill("emailer 2", 9_900)],
    [false, "its process was killed much later", kill("emailer 2", 14_000)],
    [false, "another process was killed", kill("message-server 1", 10_500)],
    [true, "the collector was just back at its kill", AWAY, kill("emailer 1", 14_000)],
    [false, "the collector was back long before its kill", AWAY, kill("emailer 1", 25_000)],
    [false, "its process was stopped at once", stop("emailer 2", 10_500)],
    [true, "its process was stopped while the collector was away", AWAY, stop("emailer 1", 10_500)],
    [false, "the collector alone was away", AWAY],
  ] as const
) {
  Deno.test(`explainLostSpan() ${expected ? "does" : "does not"} when ${what}`, () => {
    equal(explainLostSpan("emailer", [10_000, 10_000], faults), expected);
  });
}

Deno.test("explainLostSpan() takes any kill within the time that is possible", () => {
  equal(explainLostSpan("emailer", [10_000, Infinity], [kill("emailer 1", 60_000)]), true);
});

Deno.test("untilConfirmed() waits as long as the broker could not be reached", () => {
  const away = (fromMs: number, toMs: number) => freeze("emailer to broker", fromMs, toMs);
  deepEqual(untilConfirmed(10_000, []), [10_000, 10_500]);
  deepEqual(untilConfirmed(10_000, [away(9_000, 13_000)]), [10_000, 13_000]);
  const others = [away(5_000, 9_000), away(12_000, 15_000)];
  deepEqual(untilConfirmed(10_000, others), [10_000, 10_500]);
});
