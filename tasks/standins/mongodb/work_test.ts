import assert from "node:assert/strict";
import { atOnce, runInSlices, spend, type Work } from "./work.ts";

function run<Result>(work: Work<Result>, leftMs = Infinity, signal = new AbortController().signal) {
  const request = { budget: { leftMs } };
  return { request, done: runInSlices(work, request, (slice) => slice(), signal) };
}

function* forever(): Work<void> {
  while (true) yield;
}

Deno.test("runInSlices() lets others have a turn", async () => {
  let isOver = false;
  function* untilOver(): Work<string> {
    while (!isOver) yield;
    return "done";
  }
  const { done } = run(untilOver());
  setTimeout(() => isOver = true, 0);
  assert.equal(await done, "done");
});

Deno.test("runInSlices() ends what takes longer than it may, and takes the time from its budget", async () => {
  const { request, done } = run(forever(), 50);
  await assert.rejects(done, { code: 50 });
  assert.ok(request.budget.leftMs <= 0);
});

Deno.test("runInSlices() ends with the stand-in", async () => {
  await assert.rejects(run(forever(), Infinity, AbortSignal.abort()).done, { code: 11600 });
});

Deno.test("spend() ends work that cannot be interrupted", () => {
  const endless = () => {
    while (true) spend();
  };
  assert.throws(() => atOnce(endless, 10), { code: 50 });
});
