import assert from "node:assert/strict";
import { atOnce, runInSlices, spend, type Work } from "./work.ts";

const OPTIONS = {
  runSlice: <Result>(slice: () => Result) => slice(),
  signal: new AbortController().signal,
};

function* forever(): Work<void> {
  while (true) yield;
}

Deno.test("runInSlices() lets others have a turn", async () => {
  let isOver = false;
  function* untilOver(): Work<string> {
    while (!isOver) yield;
    return "done";
  }
  const running = runInSlices(untilOver(), {
    ...OPTIONS,
    request: { budget: { leftMs: Infinity } },
  });
  setTimeout(() => isOver = true, 0);
  assert.equal(await running, "done");
});

Deno.test("runInSlices() ends what takes longer than it may, and takes the time from its budget", async () => {
  const budget = { leftMs: 50 };
  await assert.rejects(runInSlices(forever(), { ...OPTIONS, request: { budget } }), { code: 50 });
  assert.ok(budget.leftMs < 50);
});

Deno.test("runInSlices() ends with the stand-in", async () => {
  const closing = new AbortController();
  closing.abort();
  const request = { budget: { leftMs: Infinity } };
  const running = runInSlices(forever(), { ...OPTIONS, request, signal: closing.signal });
  await assert.rejects(running, { code: 11600 });
});

Deno.test("spend() ends work that cannot be interrupted", () => {
  assert.throws(() =>
    atOnce(() => {
      while (true) spend();
    }, 10), { code: 50 });
});
