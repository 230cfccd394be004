import { setImmediate } from "node:timers/promises";
import { CommandError } from "./errors.ts";

/** All stand-ins share one process: a command that works longer than this lets the others in before it goes on. */
const SLICE_MS = 20;

/** The longest that work on a single document may take, where nothing can be let in. */
const MAX_HOLD_MS = 1_000;

/** Reading the clock costs more than most units of work. */
const UNITS_BETWEEN_LOOKS = 2_048;

// JavaScript does one piece of work at a time, so that there is one clock of it. Handing it to each comparison would bury them.
let unitCount = 0;
let mustEndAtMs = Infinity;

/** Notes work that grows with what a client sent, one unit for each value that is looked at. */
export function spend(units = 1): void {
  unitCount += units;
  if (unitCount < UNITS_BETWEEN_LOOKS) return;
  unitCount = 0;
  if (performance.now() > mustEndAtMs) throw timeIsOver();
}

export const TIME_IS_OVER = 50;

function timeIsOver(): CommandError {
  return new CommandError(TIME_IS_OVER, "operation exceeded time limit");
}

/** Does work that cannot be interrupted, within the time that nobody may exceed. */
export function atOnce<Result>(work: () => Result, limitMs = MAX_HOLD_MS): Result {
  mustEndAtMs = performance.now() + Math.min(limitMs, MAX_HOLD_MS);
  try {
    return work();
  } finally {
    mustEndAtMs = Infinity;
  }
}

/** Work that can be interrupted where it yields. What lies between two yields happens at once. */
export type Work<Result> = Generator<void, Result>;

/** How long a command may take in all, `maxTimeMS`. The batches of a cursor share the limit of its command. */
export interface TimeBudget {
  leftMs: number;
}

export interface WorkOptions {
  /** The limit; the work may exchange it for another. */
  readonly request: { readonly budget: TimeBudget };
  /** Wraps each slice, such as in a transaction. */
  readonly runSlice: <Result>(slice: () => Result) => Result;
  readonly signal: AbortSignal;
}

/** Runs work to its end, in slices between which everybody else has a turn. */
export async function runInSlices<Result>(
  work: Work<Result>,
  { request, runSlice, signal }: WorkOptions,
): Promise<Result> {
  let markMs = performance.now();
  while (true) {
    const step = runSlice(() =>
      atOnce(() => nextSlice(work, request.budget.leftMs), request.budget.leftMs)
    );
    if (step.done) return step.value;
    await setImmediate();
    if (signal.aborted) throw new CommandError(11600, "interrupted at shutdown");
    const nowMs = performance.now();
    request.budget.leftMs -= nowMs - markMs;
    markMs = nowMs;
  }
}

function nextSlice<Result>(work: Work<Result>, leftMs: number): IteratorResult<void, Result> {
  const startMs = performance.now();
  while (true) {
    const step = work.next();
    if (step.done) return step;
    const workedMs = performance.now() - startMs;
    if (workedMs > leftMs) throw timeIsOver();
    if (workedMs > SLICE_MS) return step;
  }
}
