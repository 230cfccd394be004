import {
  parentKey,
  spanKey,
  type ZipkinEndpoint,
  type ZipkinSpan,
} from "../tracing/zipkin_span.ts";
import { type AlignedSpan, moveBy } from "./clock_skew.ts";

/** Smaller differences are those of well-kept clocks. */
const TOLERANCE_US = 1_000;

/** With more wrong clocks, no time in a trace is certain. */
const MAX_WRONG_CLOCKS = 8;

/** A record that cannot have begun before another one, of another clock. */
interface Order {
  readonly cause: string;
  readonly effect: string;
  /** How long after the cause the effect began; negative where a clock is wrong. */
  readonly gapUs: number;
  /** The distance to the span that probably ended just then. */
  readonly likelyGapUs: number | undefined;
}

/**
 * Moves the records of a service whose clock contradicts the order of cause and effect: a span cannot begin before its parent, nor
 * be received before it is published.
 *
 * Of the two clocks that contradict each other, the one that contradicts more clocks is wrong. If both contradict as many, the one
 * of the cause is ahead if it can go back without a new contradiction; else the one of the effect is behind. By how much is a
 * guess: at least by the contradiction.
 */
export function alignCauses(spans: readonly AlignedSpan[]): readonly AlignedSpan[] {
  let aligned = spans;
  for (let round = 0; round < MAX_WRONG_CLOCKS; round++) {
    const orders = ordersIn(aligned);
    const worst = orders.reduce<Order | undefined>(
      (least, order) => order.gapUs < (least?.gapUs ?? -TOLERANCE_US) ? order : least,
      undefined,
    );
    if (worst === undefined) break;
    const { cause, effect, gapUs, likelyGapUs = gapUs } = worst;
    const roomUs = orders.filter((order) => order.effect === cause)
      .reduce((least, order) => Math.min(least, order.gapUs), Infinity);
    const contradicted = (clock: string) =>
      new Set(orders.flatMap((order) => {
        if (order.gapUs >= -TOLERANCE_US) return [];
        return order.cause === clock ? [order.effect] : order.effect === clock ? [order.cause] : [];
      })).size;
    const isAhead = contradicted(cause) === contradicted(effect)
      ? roomUs >= -gapUs
      : contradicted(cause) > contradicted(effect);
    const [clock, movedUs] = isAhead
      ? [cause, Math.max(-roomUs, Math.min(gapUs, likelyGapUs))]
      : [effect, -gapUs];
    aligned = aligned.map((record) => clockOf(record) === clock ? moveBy(record, movedUs) : record);
  }
  return aligned;
}

function ordersIn(spans: readonly ZipkinSpan[]): readonly Order[] {
  const recordsOf = Map.groupBy(spans, spanKey);
  const sendings = Map.groupBy(spans.filter(({ name }) => name === "send-email"), parentKey);
  return spans.flatMap((effect) => {
    const sides = recordsOf.get(spanKey(effect)) ?? [];
    const causes = effect.kind === "CONSUMER"
      ? sides.filter(({ kind }) => kind === "PRODUCER")
      : recordsOf.get(parentKey(effect) ?? "") ?? [];
    return causes.flatMap((cause) => {
      const clocks = { cause: clockOf(cause), effect: clockOf(effect) };
      if (cause.timestamp === undefined || effect.timestamp === undefined) return [];
      if (clocks.cause === clocks.effect) return [];
      const gapUs = effect.timestamp - cause.timestamp;
      // The mail is in the inbox when the mail server has taken it.
      const sending = effect.name === "archive-email" && sendings.get(parentKey(effect))?.at(-1);
      const sentUs = sending ? (sending.timestamp ?? 0) + (sending.duration ?? 0) : undefined;
      return [{ ...clocks, gapUs, likelyGapUs: sentUs && effect.timestamp - sentUs }];
    });
  });
}

/** Services on one machine share a clock. */
function clockOf({ localEndpoint = {} }: { readonly localEndpoint?: ZipkinEndpoint }): string {
  return localEndpoint.ipv4 ?? localEndpoint.ipv6 ?? localEndpoint.serviceName ?? "";
}
