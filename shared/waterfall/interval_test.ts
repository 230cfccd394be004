import { deepEqual } from "node:assert/strict";
import { without } from "./interval.ts";

Deno.test("without() leaves what no other covers", () => {
  const left = (fromUs: number, toUs: number, ...others: readonly (readonly [number, number])[]) =>
    without({ fromUs, toUs }, others.map(([fromUs, toUs]) => ({ fromUs, toUs })))
      .map(({ fromUs, toUs }) => [fromUs, toUs]);
  deepEqual(left(0, 10, [6, 8], [2, 4], [3, 5]), [[0, 2], [5, 6], [8, 10]]);
  deepEqual(left(0, 10, [-5, 1], [9, 20]), [[1, 9]]);
  deepEqual(left(0, 10, [0, 10]), []);
  deepEqual(left(5, 5, [5, 9]), [[5, 5]]);
  deepEqual(left(0, 50, [40, 50], [0, 10], [2, 5], [10, 20], [30, 30]), [[20, 30], [30, 40]]);
});
