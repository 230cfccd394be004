import { deepEqual } from "node:assert/strict";
import { gapsBetween } from "./interval.ts";

Deno.test("gapsBetween() finds what no interval covers", () => {
  const intervals = [[40, 50], [0, 10], [2, 5], [10, 20], [30, 30]] as const;
  deepEqual(gapsBetween(intervals.map(([fromUs, toUs]) => ({ fromUs, toUs }))), [
    { fromUs: 20, toUs: 30 },
    { fromUs: 30, toUs: 40 },
  ]);
});

Deno.test("gapsBetween() finds none where there is no or one interval", () => {
  deepEqual(gapsBetween([]), []);
  deepEqual(gapsBetween([{ fromUs: 5, toUs: 9 }]), []);
});
