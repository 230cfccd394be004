import type { Attributes, Context, Link, SpanKind } from "@opentelemetry/api";
import { createContextKey } from "@opentelemetry/api";
import {
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";

/** What a caller's headers say of sampling where the trace context alone cannot tell. `debug` means sampled, everywhere. */
export type CallerDecision = "debug" | "sampled" | "unsampled" | "deferred";

const CALLER_DECISION = createContextKey("caller's sampling decision");

/**
 * Notes the caller's decision for the spans that are started below this context.
 *
 * @param context The context that was read from the caller's headers.
 * @param decision `deferred` leaves it to our own ratio, as B3 has it when ids come without a sampling state.
 * @returns The context with the decision.
 */
export function withCallerDecision(context: Context, decision: CallerDecision): Context {
  return context.setValue(CALLER_DECISION, decision);
}

/**
 * Tells whether the caller asked for debug, which the next hop must hear of as well.
 *
 * @param context The context of a span, or the one that was read from the caller's headers.
 * @returns Whether {@linkcode withCallerDecision} noted `debug`.
 */
export function isDebug(context: Context): boolean {
  return context.getValue(CALLER_DECISION) === "debug";
}

/**
 * Follows the caller's decision; a trace that starts here, or whose caller left it open, is sampled by ratio.
 *
 * The ratio is taken of the trace id, so that every service comes to the same answer.
 */
export class CallerSampler implements Sampler {
  readonly #ratio: TraceIdRatioBasedSampler;
  readonly #parentBased: ParentBasedSampler;

  /**
   * Makes a sampler.
   *
   * @param ratio The part of our own traces that is sampled, from 0 to 1.
   */
  constructor(ratio: number) {
    this.#ratio = new TraceIdRatioBasedSampler(ratio);
    this.#parentBased = new ParentBasedSampler({ root: this.#ratio });
  }

  /** Decides for one span; see OpenTelemetry's `Sampler`. */
  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): ReturnType<Sampler["shouldSample"]> {
    switch (context.getValue(CALLER_DECISION)) {
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

  /** Names the sampler in diagnostics. */
  toString(): string {
    return `CallerSampler{${this.#ratio.toString()}}`;
  }
}
