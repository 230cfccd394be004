import { z } from "zod";
import type { ExploreView } from "./explorer.ts";
import { quantileOf } from "./quantile.ts";
import type { CallFacts, CallPurpose, EmailFacts } from "./trace_facts.ts";

/** The lengths of a step that people read easily, in seconds. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 86_400];
const MAX_STEPS = 90;
const DEFAULT_RANGE_MS = 15 * 60_000;

type Kind = CallPurpose | "accepted" | "wait";

const HOPS = [
  { id: "publish", label: "publish and confirm", kind: "publish" },
  { id: "queue", label: "waiting in the queue", kind: "queue" },
  { id: "smtp", label: "SMTP", kind: "smtp" },
  { id: "poll", label: "waiting until the next poll", kind: "wait" },
  { id: "archive", label: "store", kind: "store" },
] as const;

const times = z.array(z.number().min(0).nullable()).readonly();
const counts = z.array(z.int().min(0)).readonly();

/** What happened in each step of a range, and how long each hop took. */
export const charts = z.object({
  /** Where the first step begins, in milliseconds since 1970. */
  fromMs: z.number().min(0),
  stepMs: z.number().min(1),
  accepted: counts,
  retries: counts,
  /** The times in microseconds; null where no email took the hop. */
  hops: z.array(
    z.object({
      id: z.enum(HOPS.map(({ id }) => id)),
      label: z.string(),
      p50Us: times,
      p95Us: times,
      p99Us: times,
    }).readonly(),
  ).readonly(),
}).readonly();

/** Makes the charts of the emails that match; by default those of the last 15 minutes. */
export function chartsOf(
  { emails, callsOf }: ExploreView,
  fromMs: number | undefined,
  toMs: number,
): z.output<typeof charts> {
  const range = stepsIn(fromMs ?? Math.max(0, toMs - DEFAULT_RANGE_MS), toMs);
  const samples = new Map<Kind, (number | undefined)[][]>();
  const of = (kind: Kind) =>
    samples.getOrInsertComputed(kind, () => Array.from({ length: range.count }, () => []));
  for (const email of emails) {
    for (const [kind, startUs, durationUs] of samplesOf(email, callsOf(email))) {
      of(kind)[Math.floor((startUs / 1_000 - range.fromMs) / range.stepMs)]?.push(durationUs);
    }
  }
  return {
    fromMs: range.fromMs,
    stepMs: range.stepMs,
    accepted: of("accepted").map(({ length }) => length),
    retries: of("retry").map(({ length }) => length),
    hops: HOPS.map(({ id, label, kind }) => {
      const sorted = of(kind).map((step) =>
        Float64Array.from(step.filter((us) => us !== undefined)).sort()
      );
      const at = (quantile: number) => sorted.map((step) => quantileOf(step, quantile) ?? null);
      return { id, label, p50Us: at(0.5), p95Us: at(0.95), p99Us: at(0.99) };
    }),
  };
}

function* samplesOf(
  { startUs, receivedUs }: EmailFacts,
  calls: readonly CallFacts[],
): Generator<readonly [kind: Kind, startUs: number, durationUs?: number | undefined]> {
  yield ["accepted", startUs];
  for (const call of calls) {
    if (call.purpose !== undefined) yield [call.purpose, call.startUs, call.durationUs];
  }
  // From Mailtrap's receipt of a mail until a poll fetched it.
  for (const [attemptKey, startUs] of receivedUs) {
    const fetch = calls.find(({ purpose, originKey }) =>
      purpose === "fetch" && originKey === attemptKey
    );
    if (fetch !== undefined) yield ["wait", startUs, Math.max(0, fetch.startUs - startUs)];
  }
}

function stepsIn(fromMs: number, toMs: number) {
  const countOf = (stepMs: number) => Math.floor(toMs / stepMs) - Math.floor(fromMs / stepMs) + 1;
  const stepMs = STEPS.map((seconds) => seconds * 1_000).find((ms) => countOf(ms) <= MAX_STEPS) ??
    Math.ceil((toMs - fromMs) / (MAX_STEPS - 1));
  return {
    fromMs: Math.floor(fromMs / stepMs) * stepMs,
    stepMs,
    count: Math.max(countOf(stepMs), 0),
  };
}
