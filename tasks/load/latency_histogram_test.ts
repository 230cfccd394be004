import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { LatencyHistogram } from "./latency_histogram.ts";

Deno.test("percentiles() of nothing are not there", () => {
  equal(new LatencyHistogram().percentiles(), undefined);
});

Deno.test("percentiles() of one time are that time, and never more than the longest", () => {
  const histogram = new LatencyHistogram();
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
      for (
        const [part, told] of [[0.5, percentiles.p50], [0.9, percentiles.p90], [
          0.99,
          percentiles.p99,
        ]] as const
      ) {
        const exact = sorted[Math.ceil(part * times.length) - 1] ?? NaN;
        ok(Math.abs(told - exact) <= exact * 0.00101, `${told} for ${exact}`);
      }
      equal(percentiles.max, sorted.at(-1));
      equal(histogram.count, times.length);
    },
  ));
});
