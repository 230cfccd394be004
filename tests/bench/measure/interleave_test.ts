import { deepEqual } from "node:assert/strict";
import { interleave } from "./interleave.ts";

Deno.test("interleave() runs the sides in turn and leaves the first round out", async () => {
  const order: string[] = [];
  const side = (name: "a" | "b") => ({
    name,
    run: () => Promise.resolve(order.push(name)),
  });
  const samples = await interleave([side("a"), side("b")], 2);
  deepEqual(order, ["a", "b", "a", "b", "a", "b"]);
  deepEqual(samples, { a: [3, 5], b: [4, 6] });
});
