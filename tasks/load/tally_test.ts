import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { LatencyHistogram, Reservoir, SAMPLE_SIZE, SLOWEST_COUNT, Tally } from "./tally.ts";
import { acceptedEmail } from "./testing.ts";

Deno.test("record() counts what was accepted by how it shall end, and samples reported traces", () => {
  const tally = new Tally();
  for (const expected of ["archived", "deadLettered", "archived"] as const) {
    const email = acceptedEmail(1, expected === "deadLettered");
    tally.record({ status: "accepted", email }, expected, 5);
  }
  deepEqual([tally.accepted, tally.expected], [3, { archived: 2, deadLettered: 1 }]);
  deepEqual([tally.failed, tally.answerTimes.count], [0, 3]);
  deepEqual(tally.sample.items, [acceptedEmail(1, true)]);
});

Deno.test("record() counts failures by their reason, and no times of theirs", () => {
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
  equal(tally.sample.items.length, SAMPLE_SIZE);
  equal(tally.slowestAnswers.items.length, SLOWEST_COUNT);
  equal(tally.slowestAnswers.items[0]?.item.id, "id-999");
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

Deno.test("percentiles() are within one per mille of the nearest rank", () => {
  fc.assert(fc.property(
    fc.array(fc.double({ min: 0.01, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 300 }),
    (times) => {
      const histogram = new LatencyHistogram();
      for (const time of times) histogram.record(time);
      const sorted = times.toSorted((a, b) => a - b);
      const percentiles = histogram.percentiles();
      ok(percentiles);
      const { p50, p90, p99 } = percentiles;
      for (const [part, told] of [[0.5, p50], [0.9, p90], [0.99, p99]] as const) {
        const exact = sorted[Math.ceil(part * times.length) - 1] ?? NaN;
        ok(Math.abs(told - exact) <= exact * 0.00101, `${told} for ${exact}`);
      }
      equal(percentiles.max, sorted.at(-1));
      equal(histogram.count, times.length);
    },
  ));
});

Deno.test("offer() gives every item the same chance", () => {
  let seed = 1;
  // Park and Miller's generator: the same numbers in every run.
  const random = () => (seed = seed * 48_271 % 2_147_483_647) / 2_147_483_647;
  const counts = new Array<number>(20).fill(0);
  for (let round = 0; round < 4_000; round++) {
    const reservoir = new Reservoir<number>(5, random);
    for (let item = 0; item < counts.length; item++) reservoir.offer(item);
    for (const item of reservoir.items) counts[item] = (counts[item] ?? 0) + 1;
  }
  // Each is in 1,000 of 4,000 samples; five standard deviations are 137.
  ok(counts.every((count) => Math.abs(count - 1_000) < 137), counts.join(" "));
});
