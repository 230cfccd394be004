import { deepEqual } from "node:assert/strict";
import { Slowest } from "./slowest.ts";

Deno.test("offer() keeps the slowest, the slowest first", () => {
  const slowest = new Slowest<string>(2);
  for (const [durationMs, item] of [[3, "c"], [1, "a"], [4, "d"], [2, "b"]] as const) {
    slowest.offer(durationMs, item);
  }
  deepEqual(slowest.items, [{ durationMs: 4, item: "d" }, { durationMs: 3, item: "c" }]);
});

Deno.test("offer() prefers the earlier of two that are equally slow", () => {
  const slowest = new Slowest<string>(1);
  slowest.offer(1, "first");
  slowest.offer(1, "second");
  deepEqual(slowest.items, [{ durationMs: 1, item: "first" }]);
});
