import { deepEqual, equal, notEqual, rejects } from "node:assert/strict";
import { ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import { assertTrace } from "@playground/shared/trace-assertion";
import { type MicrosecondClock, toMicroseconds } from "./clock.ts";
import { SpanQueue } from "./span_queue.ts";
import { markFailed, setTags, Tracing } from "./tracing.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const SPAN_ID = "a2fb4a1d1a96d312";
const NOW = 1_700_000_000_123_456;

/** A clock that advances seven microseconds at each reading. */
function tickingClock(): MicrosecondClock {
  let now = NOW - 7;
  return { nowMicroseconds: () => now += 7 };
}

for (const [startMicroseconds, durationUs] of [[undefined, 7], [NOW - 500, 500]] as const) {
  Deno.test(`inSpan() times a span to the microsecond that starts ${startMicroseconds ?? "now"}`, async () => {
    await using test = startTestTracing({ clock: tickingClock() });
    const options = startMicroseconds === undefined ? {} : { startMicroseconds };
    await test.tracing.inSpan("send-email", options, () => {});

    const { startTime, duration } = test.exporter.getSpan("send-email");
    equal(toMicroseconds(startTime), startMicroseconds ?? NOW);
    equal(toMicroseconds(duration), durationUs);
  });
}

Deno.test("inSpan() is the parent of the spans inside, also after a wait, and of no others", async () => {
  await using test = startTestTracing();
  const { tracing, exporter } = test;
  const started = Promise.withResolvers<void>();
  await Promise.all([
    tracing.inSpan("first", {}, async () => {
      await started.promise;
      await tracing.inSpan("first-child", {}, () => {});
    }),
    tracing.inSpan("second", {}, () => started.resolve()),
  ]);

  const first = { name: "first", parentId: null, children: ["first-child"] };
  const second = { name: "second", parentId: null };
  assertTrace(exporter.zipkinSpans, { spans: [first, second], isWhole: true });
  notEqual(
    exporter.getSpan("second").spanContext().traceId,
    exporter.getSpan("first").spanContext().traceId,
  );
});

Deno.test("inSpan() marks the span as failed when the work throws, and rethrows", async () => {
  await using test = startTestTracing();
  await rejects(
    test.tracing.inSpan("store-message", {}, () => {
      throw new RangeError("Cannot store: it is too large");
    }),
    RangeError,
  );

  const { status, attributes } = test.exporter.getSpan("store-message");
  deepEqual(status, { code: SpanStatusCode.ERROR, message: "Cannot store: it is too large" });
  equal(attributes["error.type"], "RangeError");
});

const tailSampled: readonly (readonly [
  what: string,
  work: (tracing: Tracing) => unknown,
  names: readonly string[],
])[] = [
  ["nothing of a result that is not worth it", () => 0, []],
  ["a result that is worth it", () => 3, ["poll-email"]],
  ["a span within it", (tracing) => tracing.inSpan("store-message", {}, () => 0), [
    "store-message",
    "poll-email",
  ]],
  ["nothing of an incidental span within it", (tracing) => {
    tracing.record("fetch-inbox", { startMicroseconds: NOW, incidental: true });
    return 0;
  }, []],
  ["an incidental span beside another one", async (tracing) => {
    tracing.record("fetch-inbox", { startMicroseconds: NOW, incidental: true });
    await tracing.inSpan("store-message", {}, () => {});
    return 0;
  }, ["fetch-inbox", "store-message", "poll-email"]],
  ["an exception", () => Promise.reject(new Error("Cannot poll: no answer")), ["poll-email"]],
];
Deno.test.each(tailSampled)("inTailSampledSpan() reports %s", async (what, work, names) => {
  await using test = startTestTracing();
  const result = await test.tracing.inTailSampledSpan(
    "poll-email",
    {},
    () => work(test.tracing),
    (found) => found !== 0,
  ).catch(String);

  const isFailed = what === "an exception";
  const children = names.filter((name) => name !== "poll-email");
  const poll = { name: "poll-email", isFailed, children };
  assertTrace(test.exporter.zipkinSpans, {
    spans: names.length === 0 ? [] : [poll],
    isWhole: true,
  });
  if (isFailed) equal(result, "Error: Cannot poll: no answer");
});

Deno.test("record() takes both ids for a root, and random ones for the next", async () => {
  await using test = startTestTracing();
  for (const ids of [{ ids: { traceId: TRACE_ID, spanId: SPAN_ID } }, {}]) {
    test.tracing.record("amqp-publish", { parent: ROOT_CONTEXT, startMicroseconds: NOW, ...ids });
  }

  const [root, next] = test.exporter.zipkinSpans;
  deepEqual([root?.traceId, root?.id, root?.parentId], [TRACE_ID, SPAN_ID, undefined]);
  notEqual(next?.traceId, TRACE_ID);
  notEqual(next?.id, SPAN_ID);
});

Deno.test("record() ends now by default, and reports the failure", async () => {
  await using test = startTestTracing({ clock: tickingClock() });
  const failure = { reason: "it was lost", type: "lost" };
  test.tracing.record("amqp-retry", { startMicroseconds: NOW - 1_000, failure });

  const { duration, status } = test.exporter.getSpan("amqp-retry");
  equal(toMicroseconds(duration), 1_000);
  deepEqual(status, { code: SpanStatusCode.ERROR, message: "it was lost" });
});

const reasons: readonly [reason: unknown, message: string, type: string][] = [
  [{ reason: "no queue is bound", type: "returned" }, "no queue is bound", "returned"],
  ["the broker returned the message", "the broker returned the message", "_OTHER"],
  [new RangeError(""), "RangeError", "RangeError"],
  [404, "404", "_OTHER"],
];
for (const [reason, message, type] of reasons) {
  Deno.test(`markFailed() says "${message}" for ${reason instanceof Error ? reason.name : JSON.stringify(reason)}`, async () => {
    await using test = startTestTracing();
    await test.tracing.inSpan("send-email", {}, (span) => markFailed(span, reason));

    const { status, attributes } = test.exporter.getSpan("send-email");
    deepEqual(status, { code: SpanStatusCode.ERROR, message });
    equal(attributes["error.type"], type);
  });
}

Deno.test("setTags() cuts long texts, and leaves out what has no value or is not recorded", async () => {
  await using test = startTestTracing();
  await test.tracing.inSpan(
    "send-email",
    {},
    (span) => setTags(span, { a: 1, b: undefined, c: "x".repeat(100_000) }),
  );
  const attributes = { a: 1, c: `${"x".repeat(1023)}…` };
  deepEqual(test.exporter.getSpan("send-email").attributes, attributes);
  setTags(trace.wrapSpanContext({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 0 }), { a: 1 });
});

Deno.test("Tracing cuts hostile tags and error messages", async () => {
  await using test = startTestTracing();
  await test.tracing.inSpan("send-email", {}, (span) => {
    for (let i = 0; i < 1_000; i++) span.setAttribute(`tag-${i}`, "x".repeat(100_000));
    markFailed(span, "y".repeat(100_000));
  });

  const { attributes, status } = test.exporter.getSpan("send-email");
  equal(Object.keys(attributes).length, 64);
  equal(String(attributes["tag-0"]).length, 1024);
  equal(status.message?.length, 1024);
});

Deno.test("Tracing can be disposed while the collector is away", async () => {
  const processor = new SpanQueue({
    exporter: {
      prepare: () => ({ sizeBytes: 1 }),
      send: () => Promise.resolve({ outcome: "later", reason: "away" }),
      shutdown: () => Promise.reject(new Error("Cannot shut down")),
    },
    capacity: 1,
    batchSize: 1,
    intervalMs: 1_000,
    onDelivery: () => {},
    onLoss: () => {},
  });
  const tracing = new Tracing({ serviceName: "emailer", sampleRatio: 1, processor });
  await tracing.inSpan("send-email", {}, () => {});

  await tracing[Symbol.asyncDispose]();
  equal(tracing.lostSpanCount, 1);
});
