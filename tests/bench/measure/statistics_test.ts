import { deepEqual, equal, throws } from "node:assert/strict";
import { quantile, ratios, summarize } from "./statistics.ts";

Deno.test("quantile() is the middle one of an odd number of samples, in whatever order", () => {
  equal(quantile([9, 1, 5], 0.5), 5);
});

Deno.test("quantile() lies between the two nearest samples", () => {
  equal(quantile([1, 2, 3, 4], 0.5), 2.5);
  equal(quantile([0, 10], 0.99), 9.9);
});

Deno.test("quantile() refuses to make a figure of nothing", () => {
  throws(() => quantile([], 0.5), RangeError);
});

Deno.test("summarize() tells median and quartiles", () => {
  deepEqual(summarize([5, 1, 4, 2, 3]), {
    median: 3,
    lowerQuartile: 2,
    upperQuartile: 4,
    count: 5,
  });
});

Deno.test("ratios() divides each round by itself, not median by median", () => {
  deepEqual(ratios([10, 30], [20, 30]), [0.5, 1]);
});
