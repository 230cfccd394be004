import { nameOf } from "@playground/shared/tracing/parties";
import { z } from "zod";
import { byJourney } from "../trace_view/mod.ts";
import type { EmailFilter } from "./filter.ts";
import type { ExploreView } from "./explorer.ts";
import { quantileOf } from "./quantile.ts";
import type { CallFacts } from "./trace_facts.ts";

/** The services and the calls between them, as in Zipkin's dependency graph, with times. */
export const serviceMap = z.object({
  nodes: z.array(z.object({ id: z.string(), label: z.string() }).readonly()).readonly(),
  edges: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      callCount: z.int().min(1),
      errorCount: z.int().min(0),
      /** Measured by the caller, in microseconds; for a message, the time in the queue. */
      p50Us: z.number().min(0).nullable(),
      p95Us: z.number().min(0).nullable(),
    }).readonly(),
  ).readonly(),
}).readonly();

/**
 * Draws the map of a range. Without another filter it has all calls that began within the range, those of polls and of other
 * services too; with one, the calls that were made for the emails that match.
 */
export function serviceMapOf(view: ExploreView, filter: EmailFilter): z.output<typeof serviceMap> {
  const edges = Array.from(Map.groupBy(callsIn(view, filter), ({ edge }) => edge).values(), toEdge)
    .toSorted((a, b) => byJourney(a.from, b.from) || byJourney(a.to, b.to));
  const ids = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const nodes = [...ids].toSorted(byJourney).map((id) => ({ id, label: nameOf(id) }));
  return { nodes, edges };
}

function toEdge(calls: readonly CallFacts[]) {
  const [{ from, to } = { from: "", to: "" }] = calls;
  const times = Float64Array.from(calls.flatMap(({ durationUs }) => durationUs ?? [])).sort();
  return {
    from,
    to,
    callCount: calls.length,
    errorCount: calls.filter(({ isError }) => isError).length,
    p50Us: quantileOf(times, 0.5) ?? null,
    p95Us: quantileOf(times, 0.95) ?? null,
  };
}

function* callsIn(
  { emails, allEmails, otherCalls, callsOf }: ExploreView,
  { from = 0, to = Infinity, synthetic = true, maxMs = Infinity, ...others }: EmailFilter,
): Generator<CallFacts> {
  if (!synthetic || maxMs < Infinity || Object.values(others).some(Boolean)) {
    for (const email of emails) yield* callsOf(email);
    return;
  }
  for (const calls of [otherCalls, ...allEmails.map(({ calls }) => calls)]) {
    for (const call of calls) {
      if (call.startUs >= from * 1_000 && call.startUs < (to + 1) * 1_000) yield call;
    }
  }
}
