import type { Attributes, Context, Link, SpanKind } from "@opentelemetry/api";
import { createContextKey } from "@opentelemetry/api";
import {
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";

/**
 * What a caller's headers say about sampling that the trace context cannot hold. `debug` means sampled, everywhere; `deferred`
 * leaves it to our own ratio, as B3 has it when ids come without a sampling state. `suppressed` is our own decision that this is worth
 * no span, whatever the caller says.
 */
export type CallerDecision = "debug" | "sampled" | "unsampled" | "deferred" | "suppressed";

const CALLER_DECISION = createContextKey("caller's sampling decision");

/** Stores the caller's decision for the spans that are started below this context. */
export function withCallerDecision(context: Context, decision: CallerDecision): Context {
  return context.setValue(CALLER_DECISION, decision);
}

/** Whether the caller asked for debug, which is passed on to the next hop. */
export function isDebug(context: Context): boolean {
  return context.getValue(CALLER_DECISION) === "debug";
}

/**
 * Follows the caller's decision; a trace that starts here, or whose caller deferred it, is sampled by ratio. The ratio is taken
 * of the trace id, so that every service comes to the same answer.
 */
export class CallerSampler implements Sampler {
  readonly #ratio: TraceIdRatioBasedSampler;
  readonly #parentBased: ParentBasedSampler;

  readonly #followsCaller: boolean;

  constructor(ratio: number, followsCaller = true) {
    this.#followsCaller = followsCaller;
    this.#ratio = new TraceIdRatioBasedSampler(ratio);
    this.#parentBased = new ParentBasedSampler({ root: this.#ratio });
  }

  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): ReturnType<Sampler["shouldSample"]> {
    const decision = context.getValue(CALLER_DECISION);
    if (decision === "suppressed") return { decision: SamplingDecision.NOT_RECORD };
    if (!this.#followsCaller) return this.#ratio.shouldSample(context, traceId);
    switch (decision) {
      case "debug":
      case "sampled":
        return { decision: SamplingDecision.RECORD_AND_SAMPLED };
      case "unsampled":
        return { decision: SamplingDecision.NOT_RECORD };
      case "deferred":
        return this.#ratio.shouldSample(context, traceId);
      default:
        return this.#parentBased.shouldSample(
          context,
          traceId,
          spanName,
          spanKind,
          attributes,
          links,
        );
    }
  }

  toString(): string {
    return `CallerSampler{${this.#ratio.toString()}}`;
  }
}
