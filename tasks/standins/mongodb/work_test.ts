import assert from "node:assert/strict";
import { runInSlices, type Work } from "./work.ts";

const request = { budget: { leftMs: Infinity } };
const runSlice = <Slice>(slice: () => Slice) => slice();

Deno.test("runInSlices() lets others have a turn, and ends with the stand-in", async () => {
  const closing = new AbortController();
  function* endless(): Work<void> {
    while (true) yield;
  }
  setTimeout(() => closing.abort(), 0);
  await assert.rejects(runInSlices(endless(), request, runSlice, closing.signal), { code: 11600 });
});
