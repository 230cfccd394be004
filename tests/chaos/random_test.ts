import { deepEqual, notDeepEqual, throws } from "node:assert/strict";
import { SeededRandom } from "./random.ts";

const sequence = (seed: number) => {
  const random = new SeededRandom(seed);
  return Array.from({ length: 1_000 }, () => random.next());
};

Deno.test("SeededRandom gives the same sequence for the same seed, another for another", () => {
  deepEqual(sequence(7), sequence(7));
  notDeepEqual(sequence(7), sequence(8));
});

Deno.test("pick() gives each of the things, and refuses an empty list", () => {
  const random = new SeededRandom(3);
  const seen = new Set(Array.from({ length: 100 }, () => random.pick(["a", "b"])));
  deepEqual([...seen].toSorted(), ["a", "b"]);
  throws(() => random.pick([]), RangeError);
});

Deno.test("shuffle() keeps every thing once", () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  const shuffled = new SeededRandom(3).shuffle(items);
  notDeepEqual(shuffled, items);
  deepEqual(shuffled.toSorted((a, b) => a - b), items);
});
