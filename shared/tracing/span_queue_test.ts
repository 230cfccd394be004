import { deepEqual, equal } from "node:assert/strict";
import { type ReadableSpan, SamplingDecision, TracerProvider } from "@opentelemetry/sdk-trace";
import { stopTime, waitFor } from "@playground/shared/testing";
import type { BatchExporter, Delivery } from "./batch_exporter.ts";
import { SpanQueue, type SpanQueueOptions } from "./span_queue.ts";

interface NamedSpan {
  readonly name: string;
  readonly sizeBytes: number;
}

/** A collector with scripted answers; a span has half a megabyte for each character of its name. */
class ScriptedExporter implements BatchExporter<NamedSpan> {
  readonly batches: (readonly string[])[] = [];
  preparedCount = 0;
  answer: (batch: readonly string[]) => Delivery | Promise<Delivery> = () => TAKEN;

  prepare({ name }: ReadableSpan): NamedSpan {
    this.preparedCount++;
    return { name, sizeBytes: name.length * 500_000 };
  }

  async send(batch: readonly NamedSpan[]): Promise<Delivery> {
    const names = batch.map(({ name }) => name);
    this.batches.push(names);
    return await this.answer(names);
  }
}

const TAKEN: Delivery = { outcome: "taken" };
const LATER: Delivery = { outcome: "later", reason: "it answered 503" };
const TOO_LARGE: Delivery = { outcome: "too-large", reason: "it answered 413" };
const REFUSED: Delivery = { outcome: "refused", reason: "it answered 400" };

function startQueue(options: Partial<SpanQueueOptions<NamedSpan>> = {}) {
  const exporter = new ScriptedExporter();
  const deliveries: Delivery["outcome"][] = [];
  let losses = 0;
  const queue = new SpanQueue({
    exporter,
    capacity: 8_192,
    batchSize: 512,
    intervalMs: 1,
    onDelivery: ({ outcome }) => deliveries.push(outcome),
    onLoss: () => losses++,
    ...options,
  });
  const tracer = new TracerProvider({ spanProcessors: [queue] }).getTracer("test");
  const end = (...names: string[]) => names.forEach((name) => tracer.startSpan(name).end());
  return { exporter, queue, end, deliveries, losses: () => losses };
}

Deno.test("SpanQueue sends finished spans in batches, in their order", async () => {
  const { exporter, queue, end } = startQueue({ batchSize: 2 });
  end("a", "b", "c");
  await waitFor("all are sent", () => exporter.batches.flat().length === 3);
  deepEqual(exporter.batches, [["a", "b"], ["c"]]);
  await queue.shutdown();
});

Deno.test("SpanQueue sends a full batch at once", async () => {
  const { exporter, queue, end } = startQueue({ batchSize: 2, intervalMs: 1_000_000 });
  end("a");
  end("b");
  await waitFor("it is sent", () => exporter.batches.length === 1);
  deepEqual(exporter.batches, [["a", "b"]]);
  await queue.shutdown();
});

Deno.test("SpanQueue keeps spans that the collector takes later, and prepares each once", async () => {
  const { exporter, queue, end, losses } = startQueue();
  exporter.answer = () => LATER;
  end("a", "b");
  await waitFor("it was tried twice", () => exporter.batches.length >= 2);
  exporter.answer = () => TAKEN;
  const tries = exporter.batches.length;
  await waitFor("it was tried again", () => exporter.batches.length > tries);
  deepEqual(exporter.batches.at(-1), ["a", "b"]);
  equal(exporter.preparedCount, 2);
  equal(queue.lostCount, 0);
  equal(losses(), 0);
  await queue.shutdown();
});

for (const [pauseMs, waitedMs] of [[200, 200], [86_400_000, 60_000]] as const) {
  Deno.test(`SpanQueue pauses for ${waitedMs} ms when the collector asks for ${pauseMs} ms`, async () => {
    using time = stopTime();
    const { exporter, queue, end } = startQueue({ batchSize: 1 });
    exporter.answer = () => ({ ...LATER, pauseMs });
    end("a");
    await time.pass(waitedMs - 1);
    equal(exporter.batches.length, 1);
    await time.pass(1);
    equal(exporter.batches.length, 2);
    await queue.shutdown();
  });
}

Deno.test("SpanQueue halves a batch that is too large, until the collector takes it", async () => {
  const { exporter, queue, end, deliveries } = startQueue({ batchSize: 8 });
  exporter.answer = (batch) => batch.length > 2 ? TOO_LARGE : TAKEN;
  end("a", "b", "c", "d", "e", "f", "g", "h");
  await waitFor("all are taken", () => deliveries.filter((one) => one === "taken").length === 4);
  deepEqual(exporter.batches.map(({ length }) => length), [8, 4, 2, 4, 2, 4, 2, 2]);
  equal(queue.lostCount, 0);
  await queue.shutdown();
});

Deno.test("SpanQueue loses a single span that is too large, as refused, and no other", async () => {
  const { exporter, queue, end, deliveries } = startQueue({ batchSize: 2 });
  exporter.answer = (batch) => batch.includes("x") ? TOO_LARGE : TAKEN;
  end("a", "x", "b");
  await queue.shutdown();
  deepEqual(exporter.batches, [["a", "x"], ["a"], ["x", "b"], ["x"], ["b"]]);
  deepEqual(deliveries, ["too-large", "taken", "too-large", "refused", "taken"]);
  equal(queue.lostCount, 1);
});

Deno.test("SpanQueue bounds its spans, those in flight included, and counts the lost ones", async () => {
  const { exporter, queue, end, losses } = startQueue({ batchSize: 1, capacity: 2 });
  const hanging = Promise.withResolvers<Delivery>();
  exporter.answer = () => hanging.promise;
  end("a", "b", "c", "d");
  deepEqual([exporter.batches, queue.lostCount, losses()], [[["a"]], 2, 1]);
  hanging.resolve(TAKEN);
  await queue.shutdown();
  deepEqual(exporter.batches, [["a"], ["b"]]);
});

Deno.test("SpanQueue keeps 16 MB, sends 4 MB at once, and loses a larger span", async () => {
  const { exporter, queue, end } = startQueue();
  end("too large", ..."abcdefghijklmnopqrstuvwxyz1234567");
  await queue.shutdown();
  deepEqual(exporter.batches.map((names) => names.join("")), [
    "abcdefgh",
    "ijklmnop",
    "qrstuvwx",
    "yz123456",
  ]);
  equal(queue.lostCount, 2);
});

Deno.test("SpanQueue loses what the collector refuses, sends the next, and reports the next loss again", async () => {
  const { exporter, queue, end, losses } = startQueue({ capacity: 1 });
  exporter.answer = () => REFUSED;
  end("a");
  await waitFor("it was refused", () => losses() === 1);
  exporter.answer = () => TAKEN;
  end("b");
  await waitFor("it was taken", () => exporter.batches.length === 2);
  exporter.answer = () => REFUSED;
  end("c");
  await waitFor("it was refused", () => losses() === 2);
  equal(queue.lostCount, 2);
  await queue.shutdown();
});

Deno.test("SpanQueue takes no spans after shutdown()", async () => {
  const { exporter, queue, end } = startQueue();
  end("a");
  await queue.shutdown();
  end("late");
  deepEqual(exporter.batches, [["a"]]);
});

Deno.test("SpanQueue forceFlush() sends no span twice, whatever is in flight", async () => {
  const { exporter, queue, end } = startQueue({ batchSize: 1 });
  const answers = [Promise.withResolvers<Delivery>(), Promise.withResolvers<Delivery>()];
  exporter.answer = () => answers[exporter.batches.length - 1]?.promise ?? TAKEN;
  end("a", "b", "c");
  await waitFor("the first is on its way", () => exporter.batches.length === 1);
  const flushed = Promise.all([queue.forceFlush(), queue.forceFlush()]);
  for (const { resolve } of answers) resolve(TAKEN);
  await flushed;
  deepEqual(exporter.batches, [["a"], ["b"], ["c"]]);
  await queue.shutdown();
});

Deno.test("SpanQueue leaves out spans that are recorded but not sampled", async () => {
  const { exporter, queue, end } = startQueue();
  const sampler = {
    shouldSample: () => ({ decision: SamplingDecision.RECORD }),
    toString: () => "record",
  };
  const recording = new TracerProvider({ spanProcessors: [queue], sampler });
  recording.getTracer("test").startSpan("unseen").end();
  end("seen");
  await queue.shutdown();
  deepEqual(exporter.batches, [["seen"]]);
});
