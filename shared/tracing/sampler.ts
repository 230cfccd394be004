import {
  type Context,
  createContextKey,
  isSpanContextValid,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import { type Sampler, SamplingDecision, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace";

/**
 * A sampling decision. The trace context cannot hold all of a caller's: `debug` means sampled everywhere; `deferred` means by our
 * own ratio, for B3 ids without a sampling state. `suppressed` is our own decision to report no span, whatever the caller says.
 */
export type CallerDecision = "debug" | "sampled" | "unsampled" | "deferred" | "suppressed";

const CALLER_DECISION = createContextKey("caller's sampling decision");

/** Stores the caller's decision for spans below this context. */
export function withCallerDecision(context: Context, decision: CallerDecision): Context {
  return context.setValue(CALLER_DECISION, decision);
}

/** Whether the caller asked for debug, which is passed on to the next hop. */
export function isDebug(context: Context): boolean {
  return context.getValue(CALLER_DECISION) === "debug";
}

/** The decision of a context's own span; without one, it is still to be made. */
export function spanDecision(context: Context): CallerDecision {
  const span = trace.getSpanContext(context);
  if (span === undefined || !isSpanContextValid(span)) return "deferred";
  return (span.traceFlags & TraceFlags.SAMPLED) === 0 ? "unsampled" : "sampled";
}

/** Whether the caller decided that nothing of the trace is reported. */
export function isUnsampled(context: Context): boolean {
  return decisionOf(context) === "unsampled";
}

function decisionOf(context: Context): unknown {
  return context.getValue(CALLER_DECISION) ?? spanDecision(context);
}

/**
 * Follows the caller's decision; a trace that starts here, or whose caller deferred it, is sampled by ratio. The ratio applies to
 * the trace id, so that every service decides the same.
 */
export class CallerSampler implements Sampler {
  readonly #ratio: TraceIdRatioBasedSampler;
  readonly #followsCaller: boolean;

  constructor(ratio: number, followsCaller = true) {
    this.#ratio = new TraceIdRatioBasedSampler(ratio);
    this.#followsCaller = followsCaller;
  }

  shouldSample(context: Context, traceId: string): ReturnType<Sampler["shouldSample"]> {
    const decision = decisionOf(context);
    if (decision === "suppressed") return { decision: SamplingDecision.NOT_RECORD };
    if (!this.#followsCaller || decision === "deferred") {
      return this.#ratio.shouldSample(context, traceId);
    }
    return {
      decision: decision === "unsampled"
        ? SamplingDecision.NOT_RECORD
        : SamplingDecision.RECORD_AND_SAMPLED,
    };
  }

  toString(): string {
    return `CallerSampler{${this.#ratio.toString()}}`;
  }
}
