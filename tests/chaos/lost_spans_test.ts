import { deepEqual, equal } from "node:assert/strict";
import type { FaultRecord, Link } from "./faults.ts";
import { explainLostSpan, untilConfirmed } from "./lost_spans.ts";

const at = (kind: "kill" | "stop") => (target: string, fromMs: number): FaultRecord => ({
  fault: { kind, target },
  fromMs,
  toMs: fromMs + 1_000,
});
const kill = at("kill");
const stop = at("stop");
const outageOf = (link: Link) => (fromMs: number, toMs: number): FaultRecord => ({
  fault: { kind: "freeze", target: link, durationMs: toMs - fromMs },
  fromMs,
  toMs,
});
const outage = outageOf("services to collector");

for (
  const [what, faults, expected] of [
    ["nothing happened", [], false],
    ["its process was killed at once", [kill("emailer 2", 10_500)], true],
    ["its process was killed before", [kill("emailer 2", 9_900)], false],
    ["its process was killed much later", [kill("emailer 2", 14_000)], false],
    ["another process was killed", [kill("message-server 1", 10_500)], false],
    [
      "its process was killed when the collector was just back",
      [outage(9_000, 13_000), kill("emailer 1", 14_000)],
      true,
    ],
    [
      "its process was killed long after the collector was back",
      [outage(9_000, 13_000), kill("emailer 1", 25_000)],
      false,
    ],
    ["its process was stopped at once", [stop("emailer 2", 10_500)], false],
    [
      "its process was stopped while the collector was away",
      [outage(9_000, 13_000), stop("emailer 1", 10_500)],
      true,
    ],
    ["the collector alone was away", [outage(9_000, 13_000)], false],
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
  const outage = outageOf("emailer to broker");
  deepEqual(untilConfirmed(10_000, []), [10_000, 10_500]);
  deepEqual(untilConfirmed(10_000, [outage(9_000, 13_000)]), [10_000, 13_000]);
  deepEqual(untilConfirmed(10_000, [outage(5_000, 9_000), outage(12_000, 15_000)]), [
    10_000,
    10_500,
  ]);
});
