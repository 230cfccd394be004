import { z } from "zod";
import type { ExploreView } from "./explorer.ts";
import { quantileOf } from "./quantile.ts";
import type { CallFacts, CallPurpose, EmailFacts } from "./trace_facts.ts";

/** The lengths of a step that people read easily, in seconds. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 86_400];
const MAX_STEPS = 90;
const DEFAULT_RANGE_MS = 15 * 60_000;

const perStep = z.array(z.number().min(0).nullable()).readonly();

/** What happened in each step of a range, and how long each hop took. */
export const charts = z.object({
  /** Where the first step begins, in milliseconds since 1970. */
  fromMs: z.number().min(0),
  stepMs: z.number().min(1),
  /** How many emails were accepted. */
  accepted: z.array(z.int().min(0)).readonly(),
  /** How many emails were put into a retry queue. */
  retries: z.array(z.int().min(0)).readonly(),
  /** The hops in the order of the journey; null where nothing took it. */
  hops: z.array(
    z.object({
      id: z.enum(["publish", "queue", "smtp", "poll", "archive"]),
      label: z.string(),
      p50Us: perStep,
      p95Us: perStep,
      p99Us: perStep,
    }).readonly(),
  ).readonly(),
}).readonly();

type Charts = z.output<typeof charts>;

interface Sample {
  readonly startUs: number;
  readonly durationUs?: number | undefined;
}

interface Range {
  readonly fromMs: number;
  readonly stepMs: number;
  readonly count: number;
}

/** Makes the charts of the emails that match; by default those of the last 15 minutes. */
export function chartsOf(view: ExploreView, fromMs: number | undefined, toMs: number): Charts {
  const range = rangeOf(fromMs ?? Math.max(0, toMs - DEFAULT_RANGE_MS), toMs);
  const calls = view.emails.flatMap(view.callsOf);
  const byPurpose = Map.groupBy(calls, ({ purpose }) => purpose);
  const of = (purpose: CallPurpose): readonly CallFacts[] => byPurpose.get(purpose) ?? [];
  const hop = (id: Charts["hops"][number]["id"], label: string, samples: readonly Sample[]) => ({
    id,
    label,
    ...quantiles(perStepOf(samples, range)),
  });
  return {
    fromMs: range.fromMs,
    stepMs: range.stepMs,
    accepted: perStepOf(view.emails, range).map(({ length }) => length),
    retries: perStepOf(of("retry"), range).map(({ length }) => length),
    hops: [
      hop("publish", "publish and confirm", of("publish")),
      hop("queue", "waiting in the queue", of("queue")),
      hop("smtp", "SMTP", of("smtp")),
      hop(
        "poll",
        "waiting until the next poll",
        view.emails.flatMap((email) => waits(view, email)),
      ),
      hop("archive", "store", of("store")),
    ],
  };
}

function rangeOf(fromMs: number, toMs: number): Range {
  const lengthOf = (stepMs: number) => Math.floor(toMs / stepMs) - Math.floor(fromMs / stepMs) + 1;
  const stepMs = STEPS.map((seconds) => seconds * 1_000).find((ms) => lengthOf(ms) <= MAX_STEPS) ??
    Math.ceil((toMs - fromMs) / (MAX_STEPS - 1));
  return {
    fromMs: Math.floor(fromMs / stepMs) * stepMs,
    stepMs,
    count: Math.max(lengthOf(stepMs), 0),
  };
}

/** From Mailtrap's receipt of a mail until a poll fetched it. */
function waits(view: ExploreView, { receivedUs }: EmailFacts): readonly Sample[] {
  return receivedUs.flatMap(([attemptKey, startUs]) => {
    const endUs = view.fetchedUs(attemptKey);
    return endUs === undefined ? [] : [{ startUs, durationUs: Math.max(0, endUs - startUs) }];
  });
}

function perStepOf<Item extends Sample>(
  items: readonly Item[],
  { fromMs, stepMs, count }: Range,
): readonly (readonly Item[])[] {
  const steps = Map.groupBy(
    items,
    ({ startUs }) => Math.floor((startUs / 1_000 - fromMs) / stepMs),
  );
  return Array.from({ length: count }, (_, step) => steps.get(step) ?? []);
}

function quantiles(steps: readonly (readonly Sample[])[]) {
  const sorted = steps.map((samples) =>
    Float64Array.from(samples.flatMap(({ durationUs }) => durationUs ?? [])).sort()
  );
  const at = (quantile: number) => sorted.map((times) => quantileOf(times, quantile) ?? null);
  return { p50Us: at(0.5), p95Us: at(0.95), p99Us: at(0.99) };
}
