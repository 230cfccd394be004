import { deepEqual, equal, ok } from "node:assert/strict";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { mersenne } from "pure-rand/generator/mersenne";
import { LatencyHistogram, SAMPLE_SIZE, Tally } from "./tally.ts";
import { acceptedEmail } from "./testing.ts";

Deno.test("record() counts accepted emails by their expected end, and samples reported traces", () => {
  const tally = new Tally();
  for (const expected of ["archived", "deadLettered", "archived"] as const) {
    const email = acceptedEmail(1, expected === "deadLettered");
    tally.record({ status: "accepted", email }, expected, 5);
  }
  deepEqual([tally.accepted, tally.expected], [3, { archived: 2, deadLettered: 1 }]);
  deepEqual([tally.failed, tally.answerTimes.count], [0, 3]);
  deepEqual(tally.sample, [acceptedEmail(1, true)]);
});

Deno.test("record() counts failures by their reason, without times", () => {
  const tally = new Tally();
  const refused = {
    status: "refused",
    httpStatus: 503,
    lines: ["Email not accepted: down", "x"],
  } as const;
  tally.record(refused, "archived", 5);
  tally.record(refused, "archived", 5);
  tally.record({ status: "unreachable", reason: "refused" }, "archived", 5);
  deepEqual([...tally.failures], [
    ["HTTP 503: Email not accepted: down", 2],
    ["no answer: refused", 1],
  ]);
  deepEqual([tally.failed, tally.accepted, tally.answerTimes.count], [3, 0, 0]);
});

Deno.test("record() holds no more the longer the run is", () => {
  const tally = new Tally();
  for (let number = 0; number < 1_000; number++) {
    tally.record({ status: "accepted", email: acceptedEmail(number) }, "archived", number);
    tally.record({ status: "unreachable", reason: `reason ${number}` }, "archived", number);
  }
  equal(tally.sample.length, SAMPLE_SIZE);
  equal(tally.failures.size, 21);
  equal(tally.failures.get("other reasons"), 980);
  equal(tally.failed, 1_000);
});

Deno.test("percentiles() of nothing are not there, those of 0 are 0", () => {
  const histogram = new LatencyHistogram();
  equal(histogram.percentiles(), undefined);
  histogram.record(0);
  deepEqual(histogram.percentiles(), { p50: 0, p90: 0, p99: 0, max: 0 });
});

Deno.test("record() gives every email the same chance to be in the sample", () => {
  const generator = mersenne(1);
  const counts = new Array<number>(400).fill(0);
  for (let round = 0; round < 400; round++) {
    const tally = new Tally(() => uniformFloat64(generator));
    for (const number of counts.keys()) {
      tally.record({ status: "accepted", email: acceptedEmail(number) }, "archived", 0);
    }
    for (const { traceId } of tally.sample) {
      counts[Number(traceId)] = (counts[Number(traceId)] ?? 0) + 1;
    }
  }
  // Each is in 100 of 400 samples; five standard deviations are 43.
  ok(counts.every((count) => Math.abs(count - 100) < 43), counts.join(" "));
});
