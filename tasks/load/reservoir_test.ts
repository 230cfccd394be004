import { deepEqual, ok } from "node:assert/strict";
import { Reservoir } from "./reservoir.ts";

Deno.test("offer() keeps everything while there is room", () => {
  const reservoir = new Reservoir<number>(3);
  for (const item of [1, 2, 3]) reservoir.offer(item);
  deepEqual(reservoir.items, [1, 2, 3]);
});

Deno.test("offer() replaces an item at the place that chance gives, or none", () => {
  const chances = [0.3, 0.9];
  const reservoir = new Reservoir<number>(2, () => chances.shift() ?? 0);
  // The third goes to place floor(0.3 × 3), the fourth to floor(0.9 × 4), which does not exist.
  for (const item of [1, 2, 3, 4]) reservoir.offer(item);
  deepEqual(reservoir.items, [3, 2]);
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
