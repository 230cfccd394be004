import { ok, rejects } from "node:assert/strict";
import { readSpans, SpanFormatError } from "./span_stream.ts";

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

Deno.test("readSpans() reads no further once it is not a list of spans", async () => {
  let pieceCount = 0;
  const page = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode("<html>"));
      if (++pieceCount === 1_000) controller.close();
    },
  });
  await rejects(readSpans(page, () => {}), SpanFormatError);
  ok(pieceCount < 10, `it read ${pieceCount} pieces`);
});
