import { deepEqual, equal, throws } from "node:assert/strict";
import { interleave, quantile, ratios } from "./samples.ts";

Deno.test("interleave() runs the sides in turn and leaves the first round out", async () => {
  const order: string[] = [];
  const side = (name: string) => () => Promise.resolve(order.push(name));
  const samples = await interleave({ a: side("a"), b: side("b") }, 2);
  deepEqual(order, ["a", "b", "a", "b", "a", "b"]);
  deepEqual(samples, { a: [3, 5], b: [4, 6] });
});

Deno.test("quantile() lies between the two nearest samples, of which there must be some", () => {
  equal(quantile([1, 2, 3, 4], 0.5), 2.5);
  equal(quantile([0, 10], 0.99), 9.9);
  throws(() => quantile([], 0.5), RangeError);
});

Deno.test("ratios() divides each round by itself, not median by median", () => {
  deepEqual(ratios([10, 30], [20, 30]), [0.5, 1]);
});
