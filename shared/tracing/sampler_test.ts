import { equal } from "node:assert/strict";
import { type Context, ROOT_CONTEXT, trace, TraceFlags } from "@opentelemetry/api";
import { SamplingDecision } from "@opentelemetry/sdk-trace";
import * as fc from "fast-check";
import { CallerSampler, withCallerDecision } from "./sampler.ts";

const TRACE_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const SPAN_ID = "a2fb4a1d1a96d312";

function isSampled(sampler: CallerSampler, context: Context, traceId = TRACE_ID): boolean {
  const { decision } = sampler.shouldSample(context, traceId);
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}

function below(traceFlags: TraceFlags): Context {
  const parent = { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags };
  return trace.setSpanContext(ROOT_CONTEXT, parent);
}

Deno.test("CallerSampler decides the same for a trace in every service", () => {
  fc.assert(fc.property(fc.uuid(), fc.double({ min: 0, max: 1, noNaN: true }), (uuid, ratio) => {
    const traceId = uuid.replaceAll("-", "");
    const sampler = new CallerSampler(ratio);
    const deferred = withCallerDecision(below(TraceFlags.NONE), "deferred");
    equal(isSampled(sampler, deferred, traceId), isSampled(sampler, ROOT_CONTEXT, traceId));
  }));
});

Deno.test("CallerSampler follows its parent within a service, whatever the ratio", () => {
  equal(isSampled(new CallerSampler(0), below(TraceFlags.SAMPLED)), true);
  equal(isSampled(new CallerSampler(1), below(TraceFlags.NONE)), false);
});

for (const decision of ["debug", "sampled", "unsampled", "deferred"] as const) {
  Deno.test(`CallerSampler that follows no caller overrules the decision "${decision}"`, () => {
    for (const ratio of [0, 1]) {
      const caller = withCallerDecision(below(TraceFlags.SAMPLED), decision);
      equal(isSampled(new CallerSampler(ratio, false), caller), ratio === 1);
    }
  });
}

Deno.test("CallerSampler never samples what is suppressed", () => {
  const suppressed = withCallerDecision(below(TraceFlags.SAMPLED), "suppressed");
  for (const followsCaller of [true, false]) {
    equal(isSampled(new CallerSampler(1, followsCaller), suppressed), false);
  }
});
