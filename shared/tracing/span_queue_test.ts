import { deepEqual, equal } from "node:assert/strict";
import { TraceFlags } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { type ReadableSpan, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import { waitFor } from "@playground/shared/testing";
import { CollectorUnavailableError, SpanQueue } from "./span_queue.ts";

/** A collector that answers each batch as the test says. */
class ScriptedExporter implements SpanExporter {
  readonly batches: string[][] = [];
  answer: ExportResult = { code: ExportResultCode.SUCCESS };
  /** When set, batches are taken but never answered. */
  hangs = false;

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.batches.push(spans.map(({ name }) => name));
    if (!this.hangs) done(this.answer);
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const AWAY: ExportResult = {
  code: ExportResultCode.FAILED,
  error: new CollectorUnavailableError("away"),
};
const REFUSED: ExportResult = { code: ExportResultCode.FAILED, error: new Error("400") };

function startQueue(options: { capacity?: number; batchSize?: number } = {}) {
  const exporter = new ScriptedExporter();
  let losses = 0;
  const queue = new SpanQueue({ exporter, intervalMs: 1, onLoss: () => losses++, ...options });
  const tracer = new TracerProvider({ spanProcessors: [queue] }).getTracer("test");
  const end = (...names: string[]) => names.forEach((name) => tracer.startSpan(name).end());
  return { exporter, queue, end, losses: () => losses };
}

Deno.test("SpanQueue sends finished spans in batches, in their order", async () => {
  const { exporter, queue, end } = startQueue({ batchSize: 2 });
  end("a", "b", "c");
  await waitFor("all are sent", () => exporter.batches.flat().length === 3);
  deepEqual(exporter.batches, [["a", "b"], ["c"]]);
  await queue.shutdown();
});

Deno.test("SpanQueue keeps spans while the collector is away and sends them when it is back", async () => {
  const { exporter, queue, end, losses } = startQueue();
  exporter.answer = AWAY;
  end("a", "b");
  await waitFor("it was tried twice", () => exporter.batches.length >= 2);
  exporter.answer = { code: ExportResultCode.SUCCESS };
  const tries = exporter.batches.length;
  await waitFor("it was tried again", () => exporter.batches.length > tries);
  deepEqual(exporter.batches.at(-1), ["a", "b"]);
  equal(queue.lostCount, 0);
  equal(losses(), 0);
  await queue.shutdown();
});

Deno.test("SpanQueue loses what it has no room for, counts it and says so once", async () => {
  const { exporter, queue, end, losses } = startQueue({ capacity: 2 });
  exporter.answer = AWAY;
  end("a", "b", "c", "d");
  equal(queue.lostCount, 2);
  equal(losses(), 1);
  await queue.shutdown();
  equal(queue.lostCount, 4);
  equal(losses(), 1);
});

Deno.test("SpanQueue says anew that spans are lost after the collector took some", async () => {
  const { exporter, queue, end, losses } = startQueue({ capacity: 1 });
  exporter.answer = REFUSED;
  end("a");
  await waitFor("it was refused", () => losses() === 1);
  exporter.answer = { code: ExportResultCode.SUCCESS };
  end("b");
  await waitFor("it was taken", () => exporter.batches.length === 2);
  exporter.answer = REFUSED;
  end("c");
  await waitFor("it was refused", () => losses() === 2);
  equal(queue.lostCount, 2);
  await queue.shutdown();
});

Deno.test("SpanQueue loses a batch that the collector refuses, and sends the next", async () => {
  const { exporter, queue, end } = startQueue({ batchSize: 1 });
  exporter.answer = REFUSED;
  end("a");
  await waitFor("it was refused", () => queue.lostCount === 1);
  exporter.answer = { code: ExportResultCode.SUCCESS };
  end("b");
  await waitFor("the next is sent", () => exporter.batches.length === 2);
  equal(queue.lostCount, 1);
  await queue.shutdown();
});

Deno.test("SpanQueue shutdown() sends what waits", async () => {
  const { exporter, queue, end } = startQueue({ batchSize: 2 });
  end("a", "b", "c");
  await queue.shutdown();
  deepEqual(exporter.batches.flat(), ["a", "b", "c"]);
  end("late");
  deepEqual(exporter.batches.flat(), ["a", "b", "c"]);
});

Deno.test("SpanQueue never makes the one who ends a span wait for a hanging collector", () => {
  const { exporter, queue, end } = startQueue({ capacity: 3, batchSize: 1 });
  exporter.hangs = true;
  end("a", "b", "c", "d", "e");
  equal(queue.lostCount, 2);
  // The timer of the first batch: nothing of the test may stay behind.
  queue.shutdown();
});

Deno.test("SpanQueue leaves out spans that are not sampled", async () => {
  const { exporter, queue } = startQueue();
  const unsampled: Pick<ReadableSpan, "spanContext"> = {
    spanContext: () => ({ traceId: "1", spanId: "2", traceFlags: TraceFlags.NONE }),
  };
  const tracer = new TracerProvider({ spanProcessors: [queue] }).getTracer("test");
  const span = tracer.startSpan("seen");
  queue.onEnd(Object.assign(Object.create(span), unsampled));
  span.end();
  await queue.shutdown();
  deepEqual(exporter.batches, [["seen"]]);
});
