import assert from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
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

integrationTest("runInSlices() lets sockets be read between two slices", async () => {
  let sliceCount = 0;
  let isAnswered = false;
  function* work(): Work<void> {
    while (!isAnswered && sliceCount < 1_000) yield;
  }
  const countSlices = <Slice>(slice: () => Slice) => {
    sliceCount++;
    return slice();
  };
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  using server = await listener.accept();
  const ask = async () => {
    await server.write(new Uint8Array(1));
    await client.read(new Uint8Array(1));
    isAnswered = true;
  };
  await Promise.all([
    ask(),
    runInSlices(work(), request, countSlices, new AbortController().signal),
  ]);
  assert.ok(sliceCount < 20, `${sliceCount} slices`);
});
