import { deepEqual, equal, ok } from "node:assert/strict";
import {
  type Context,
  context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  trace,
} from "@opentelemetry/api";
import { B3Propagator } from "@opentelemetry/propagator-b3";
import { SamplingDecision } from "@opentelemetry/sdk-trace";
import type { PropagatorName } from "@playground/shared/telemetry";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import * as fc from "fast-check";
import { baggageTags, useBaggageKeys } from "./baggage.ts";
import {
  activeTraceId,
  b3Headers,
  extractContext,
  type HeaderReader,
  traceHeaders,
  usePropagators,
} from "./propagation.ts";
import { CallerSampler } from "./sampler.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const SPAN_ID = "a2fb4a1d1a96d312";
const PARENT_ID = "0020000000000001";
const OTHER_TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const TRACEPARENT = `00-${OTHER_TRACE_ID}-b7ad6b7169203331-01`;

type Headers = Readonly<Record<string, string>>;

/** Other formats, until it is disposed. */
function writing(names: readonly PropagatorName[]): Disposable {
  usePropagators(names);
  return { [Symbol.dispose]: () => usePropagators(["b3multi", "baggage"]) };
}

function reader(headers: Headers): HeaderReader {
  const byName = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return (name) => byName.get(name);
}

/** The ids that are continued, and whether a service with this ratio reports. */
function extract(headers: Headers, ourRatio = 1) {
  const context = extractContext(reader(headers));
  const span = trace.getSpanContext(context);
  const { decision } = new CallerSampler(ourRatio)
    .shouldSample(context, span?.traceId ?? TRACE_ID);
  return {
    traceId: span?.traceId,
    spanId: span?.spanId,
    sampled: decision === SamplingDecision.RECORD_AND_SAMPLED,
  };
}

const NOTHING = { traceId: undefined, spanId: undefined };
const CONTINUED = { traceId: TRACE_ID, spanId: SPAN_ID };

Deno.test("extractContext() finds nothing where there are no headers", () => {
  deepEqual(extract({}), { ...NOTHING, sampled: true });
  equal(extractContext(reader({})), ROOT_CONTEXT);
});

const ids = { "X-B3-TraceId": TRACE_ID, "X-B3-SpanId": SPAN_ID };
const single = `${TRACE_ID}-${SPAN_ID}`;
/** Whether a trace is sampled; `undefined`: by our ratio. */
const understood: readonly (readonly [what: string, headers: Headers, sampled?: boolean])[] = [
  ["B3 headers, deferred", ids],
  ["B3 headers, sampled", { ...ids, "X-B3-Sampled": "1" }, true],
  ["B3 headers, unsampled", { ...ids, "X-B3-Sampled": "0" }, false],
  ["B3 headers of old, true", { ...ids, "X-B3-Sampled": "true" }, true],
  ["B3 headers of old, false", { ...ids, "X-B3-Sampled": "False" }, false],
  ["B3 headers, debug", { ...ids, "X-B3-Flags": "1" }, true],
  ["B3 in upper case", {
    "X-B3-TRACEID": TRACE_ID.toUpperCase(),
    "X-B3-SPANID": SPAN_ID.toUpperCase(),
  }],
  ["B3 amid white space", { "x-b3-traceid": ` ${TRACE_ID}`, "x-b3-spanid": `${SPAN_ID} ` }],
  ["one b3 header, deferred", { b3: single }],
  ["one b3 header, sampled", { b3: `${single}-1` }, true],
  ["one b3 header, unsampled", { b3: `${single}-0` }, false],
  ["one b3 header, debug", { B3: `${single}-d` }, true],
  ["traceparent", { traceparent: `00-${single}-01` }, true],
  ["traceparent, unsampled", { Traceparent: `00-${single}-00` }, false],
  ["B3 rather than traceparent", { ...ids, "X-B3-Sampled": "0", traceparent: TRACEPARENT }, false],
  ["b3 rather than traceparent", { b3: `${single}-1`, traceparent: TRACEPARENT }, true],
  ["one b3 header rather than several", {
    b3: `${single}-0`,
    "X-B3-TraceId": OTHER_TRACE_ID,
    "X-B3-SpanId": PARENT_ID,
    "X-B3-Sampled": "1",
  }, false],
];
for (const [what, headers, sampled] of understood) {
  Deno.test(`extractContext() continues ${what}`, () => {
    deepEqual(extract(headers, 1), { ...CONTINUED, sampled: sampled ?? true });
    deepEqual(extract(headers, 0), { ...CONTINUED, sampled: sampled ?? false });
  });
}

Deno.test.each([
  [{ b3: "0" }, false],
  [{ b3: "1" }, true],
  [{ b3: "d" }, true],
  [{ "X-B3-Sampled": "0" }, false],
  [{ "X-B3-Sampled": "1" }, true],
  [{ "X-B3-Flags": "1" }, true],
  [{ "X-B3-TraceId": "nonsense", "X-B3-SpanId": SPAN_ID, "X-B3-Sampled": "0" }, false],
])("extractContext() takes a decision without ids: %j", (headers, sampled) => {
  // Our own ratio would decide otherwise.
  deepEqual(extract(headers, sampled ? 0 : 1), { ...NOTHING, sampled });
});

Deno.test("extractContext() takes a decision from B3 and the ids from traceparent", () => {
  const { traceId, sampled } = extract({ b3: "0", traceparent: TRACEPARENT });
  deepEqual({ traceId, sampled }, { traceId: OTHER_TRACE_ID, sampled: false });
});

const malformed: readonly Headers[] = [
  { "X-B3-TraceId": TRACE_ID },
  { "X-B3-SpanId": SPAN_ID },
  { ...ids, "X-B3-TraceId": "0".repeat(32) },
  { ...ids, "X-B3-SpanId": "0".repeat(16) },
  { ...ids, "X-B3-TraceId": TRACE_ID.slice(1) },
  { ...ids, "X-B3-TraceId": "g".repeat(32) },
  { ...ids, "X-B3-TraceId": "a".repeat(10_000) },
  { b3: `${TRACE_ID}-${SPAN_ID}-2` },
  { b3: `${TRACE_ID}-${SPAN_ID}-1-${PARENT_ID}-1` },
  { b3: `xx${TRACE_ID}-${SPAN_ID}-1` },
  { b3: `${TRACE_ID}-${SPAN_ID}-1-${"0".repeat(1000)}` },
  { b3: "" },
  { "X-B3-Sampled": "2" },
  { "X-B3-Flags": "yes" },
];
for (const headers of malformed) {
  const text = JSON.stringify(headers).slice(0, 100);
  Deno.test(`extractContext() ignores malformed input: ${text}`, () => {
    deepEqual(extract(headers), { ...NOTHING, sampled: true });
    equal(extract({ ...headers, traceparent: TRACEPARENT }).traceId, OTHER_TRACE_ID);
  });
}

for (
  const traceparent of [
    `00-${TRACE_ID}-${SPAN_ID}`,
    // W3C Trace Context, section 3.2.2: the digits are lower case.
    `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`,
    `00-${TRACE_ID}-${SPAN_ID.toUpperCase()}-01`,
    `00-${TRACE_ID}-${SPAN_ID}-0${"1".repeat(10_000)}`,
  ]
) {
  Deno.test(`extractContext() ignores the traceparent "${traceparent.slice(0, 64)}"`, () => {
    deepEqual(extract({ traceparent }), { ...NOTHING, sampled: true });
  });
}

const W3C = { traceparent: `00-${single}-01` };
const entry = (key: string, length: number) => `${key}=${"x".repeat(length - key.length - 1)}`;
const list = (...lengths: readonly number[]) =>
  lengths.map((length, index) => entry(`k${index}`, length)).join();

Deno.test.each([
  ["in its case", { ...W3C, tracestate: "congo=T61rcWkgMzE" }, "congo=T61rcWkgMzE"],
  ["in its order", { ...W3C, tracestate: "b=2,a=1" }, "b=2,a=1"],
  ["without the space around entries", { ...W3C, tracestate: " a=1 ,\tb=2, " }, "a=1,b=2"],
  ["without entries that are malformed", { ...W3C, tracestate: "a=1,B=2,=3,c" }, "a=1"],
  ["beside B3", { ...ids, tracestate: "a=B" }, "a=B"],
  ["beside both of one trace", { ...ids, ...W3C, tracestate: "a=B" }, "a=B"],
  ["of 512 characters whole", { ...W3C, tracestate: list(255, 256) }, list(255, 256)],
  [
    "of more without the entries that do not fit",
    { ...W3C, tracestate: list(250, 250, 250, 10) },
    `${list(250, 250)},${entry("k3", 10)}`,
  ],
  ["without ids not", { tracestate: "a=1" }, undefined],
  ["beside a malformed traceparent not", { traceparent: "00", tracestate: "a=1" }, undefined],
  ["of another trace not", { ...ids, traceparent: TRACEPARENT, tracestate: "a=1" }, undefined],
  ["empty not", { ...W3C, tracestate: "," }, undefined],
])("traceHeaders() passes a tracestate on: %s", (_what, headers, tracestate) => {
  equal(traceHeaders(extractContext(reader(headers)))?.tracestate, tracestate);
});

Deno.test("extractContext() never throws and never makes up an invalid context", () => {
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom(TRACE_ID, SPAN_ID, "0", "1", "d", TRACEPARENT, `${TRACE_ID}-${SPAN_ID}-1`),
  );
  const headers = fc.record({
    "b3": value,
    "x-b3-traceid": value,
    "x-b3-spanid": value,
    "x-b3-parentspanid": value,
    "x-b3-sampled": value,
    "x-b3-flags": value,
    "traceparent": value,
    "tracestate": value,
  }, { requiredKeys: [] });
  fc.assert(fc.property(headers, (carrier) => {
    const span = trace.getSpanContext(extractContext(reader(carrier)));
    ok(span === undefined || trace.isSpanContextValid(span));
  }));
});

const hexDigits = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length })
    .filter((digits) => /[1-9a-f]/.test(digits));
Deno.test("extractContext() agrees with OpenTelemetry's B3Propagator", () => {
  const several = fc.record({
    "x-b3-traceid": fc.oneof(hexDigits(32), hexDigits(16)),
    "x-b3-spanid": hexDigits(16),
    "x-b3-parentspanid": hexDigits(16),
    "x-b3-sampled": fc.constantFrom("0", "1", "true", "false"),
    "x-b3-flags": fc.constantFrom("0", "1"),
  }, { requiredKeys: [] });
  const one = fc.tuple(
    fc.oneof(hexDigits(32), hexDigits(16)),
    hexDigits(16),
    fc.constantFrom("", "-0", "-1", "-d", `-1-${PARENT_ID}`),
  ).map(([traceId, spanId, rest]) => ({ b3: `${traceId}-${spanId}${rest}` }));

  fc.assert(fc.property(fc.oneof(several, one), (headers: Headers) => {
    const oracle = new B3Propagator().extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    deepEqual(trace.getSpanContext(extractContext(reader(headers))), trace.getSpanContext(oracle));
  }));
});

Deno.test("b3Headers() passes debug on instead of a sampling state", () => {
  const caller = extractContext(reader({ b3: `${single}-d` }));
  deepEqual(b3Headers(caller), { ...ids, "X-B3-Flags": "1" });
});

Deno.test("b3Headers() passes on the debug flag of a caller without ids", async () => {
  await using test = startTestTracing({ sampleRatio: 0 });
  const parent = extractContext(reader({ b3: "d" }));
  const headers = await test.tracing.inSpan(
    "schedule-email",
    { parent },
    () => b3Headers(context.active()),
  );
  equal(headers?.["X-B3-Flags"], "1");
  equal(test.exporter.spans.length, 1);
});

Deno.test("b3Headers() finds nothing in a context without a span", () => {
  equal(b3Headers(ROOT_CONTEXT), undefined);
});

for (const sampleRatio of [1, 0]) {
  Deno.test(`b3Headers() has the parent of the active span, and none of a root within another span, at the sample ratio ${sampleRatio}`, async () => {
    await using test = startTestTracing({ sampleRatio });
    const parentIdWithin = (parent: Context) =>
      test.tracing.inSpan(
        "a",
        { parent },
        () => b3Headers(context.active())?.["X-B3-ParentSpanId"],
      );
    equal(await parentIdWithin(extractContext(reader(ids))), SPAN_ID);
    await test.tracing.inSpan("outer", {}, async () => {
      equal(await parentIdWithin(ROOT_CONTEXT), undefined);
    });
  });
}

const IN_B3 = { ...ids, "X-B3-Sampled": "1" };
Deno.test.each([
  [["b3multi"], IN_B3],
  [["b3"], { b3: `${TRACE_ID}-${SPAN_ID}-1` }],
  [["tracecontext"], { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` }],
  [["b3multi", "baggage"], { ...IN_B3, baggage: "tenant=acme" }],
  [["baggage"], { baggage: "tenant=acme" }],
  [["none"], undefined],
])("traceHeaders() writes the formats of usePropagators(): %s", (names, expected) => {
  const caller = extractContext(reader({ ...IN_B3, baggage: "tenant=acme" }));
  using _ = writing(names);
  deepEqual(traceHeaders(caller), expected);
});

Deno.test.each([
  {
    what: "the allowed keys, without their properties",
    baggage: "region=eu , password=hunter2, tenant=acme-42;ttl=1",
    expected: "tenant=acme-42,region=eu",
  },
  { what: "what is percent-encoded", baggage: "tenant=%61cme", expected: "tenant=acme" },
  { what: "the last of two", baggage: "tenant=a,tenant=b", expected: "tenant=b" },
  { what: "no line break", baggage: "tenant=a\r\nBcc: you@example.com", expected: undefined },
  { what: "no encoded line break", baggage: "tenant=a%0d%0ab", expected: undefined },
  { what: "no address", baggage: "tenant=you%40example.com", expected: undefined },
  { what: "nothing empty", baggage: "tenant=,region", expected: undefined },
  { what: "nothing malformed", baggage: "tenant=%,=", expected: undefined },
  { what: "nothing long", baggage: `tenant=${"a".repeat(65)},region=eu`, expected: "region=eu" },
  {
    what: "nothing that has no end",
    baggage: `tenant=acme,${"b=2,".repeat(3_000)}`,
    expected: undefined,
  },
])("traceHeaders() passes on from a caller's baggage: $what", ({ baggage, expected }) => {
  useBaggageKeys(["tenant", "region"]);
  try {
    const headers = traceHeaders(extractContext(reader({ ...IN_B3, baggage })));
    deepEqual(headers, { ...IN_B3, ...(expected === undefined ? {} : { baggage: expected }) });
  } finally {
    useBaggageKeys(["tenant"]);
  }
});

Deno.test("baggageTags() are those of a context with baggage, and none without OTEL_PROPAGATORS=baggage", () => {
  const read = () => baggageTags(extractContext(reader({ ...IN_B3, baggage: "tenant=acme,a=1" })));
  deepEqual(read(), { tenant: "acme" });
  using _ = writing(["b3multi"]);
  equal(read(), undefined);
});

for (const names of [["b3multi"], ["b3"], ["tracecontext"]] as const) {
  Deno.test(`extractContext() reads what traceHeaders() writes as ${names}`, () => {
    const caller = extractContext(reader({ ...ids, "X-B3-Sampled": "0", tracestate: "a=1" }));
    using _ = writing(names);
    const read = trace.getSpanContext(extractContext(reader({ ...traceHeaders(caller) })));
    deepEqual([read?.traceId, read?.spanId, read?.traceFlags], [TRACE_ID, SPAN_ID, 0]);
    equal(read?.traceState?.serialize(), "a=1");
  });
}

Deno.test("activeTraceId() is null outside any span and the trace's id inside", async () => {
  await using test = startTestTracing();
  equal(activeTraceId(), null);
  const traceId = await test.tracing.inSpan("send-email", {}, activeTraceId);
  equal(traceId, test.exporter.getSpan("send-email").spanContext().traceId);
});
