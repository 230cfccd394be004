import { deepEqual, equal } from "node:assert/strict";
import { Deadlines } from "./deadlines.ts";
import { sleep } from "./mod.ts";

Deno.test("start() calls each that is due, in their order, and none that was called off", async () => {
  using deadlines = new Deadlines(5);
  const due: string[] = [];
  deadlines.start(() => due.push("first"));
  using _ = deadlines.start(() => due.push("second"));
  deadlines.start(() => due.push("called off"))[Symbol.dispose]();
  await sleep(1);
  await new Promise<void>((resolve) => deadlines.start(resolve));
  deepEqual(due, ["first", "second"]);
});

Deno.test("start() calls what is due after the timer had nothing left to do", async () => {
  using deadlines = new Deadlines(2);
  deadlines.start(() => {})[Symbol.dispose]();
  await sleep(5);
  const startedAtMs = performance.now();
  await new Promise<void>((resolve) => deadlines.start(resolve));
  equal(performance.now() - startedAtMs >= 2, true);
});

// The sanitizer of operations fails this test if the timer is left.
Deno.test("Deadlines leaves no timer behind", () => {
  using deadlines = new Deadlines(60_000);
  deadlines.start(() => {});
});
