import { ok } from "node:assert/strict";
import { readSpans } from "./span_stream.ts";

Deno.test("readSpans() lets others work while it reads a document that comes in one piece", async () => {
  const count = 20_000;
  const spans = Array.from({ length: count }, (_, index) => ({
    traceId: "5af7183fb1d4cf5f",
    id: index.toString(16).padStart(16, "0"),
  }));
  let [takenCount, takenBefore] = [0, 0];
  const others = setTimeout(() => takenBefore = takenCount);
  await readSpans(ReadableStream.from([new TextEncoder().encode(JSON.stringify(spans))]), () => {
    takenCount++;
  });
  clearTimeout(others);
  ok(takenBefore > 0 && takenBefore < count, `others worked after ${takenBefore} spans`);
});
