import { setTimeout } from "node:timers/promises";
import { CommandError } from "./errors.ts";

/** All stand-ins share one process: a command that works longer than this yields to the others. */
const SLICE_MS = 20;

/** The longest that uninterruptible work on a single document may take. */
const MAX_HOLD_MS = 1_000;

/** Reading the clock costs more than most units of work. */
const UNITS_BETWEEN_LOOKS = 2_048;

// Global: JavaScript does one piece of work at a time, and passing a clock to each comparison would obscure them.
let unitCount = 0;
let mustEndAtMs = Infinity;

/** Accounts for work that grows with a client's input, one unit for each visited value. */
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

/** Does uninterruptible work within its time limit. */
export function atOnce<Result>(work: () => Result, limitMs = MAX_HOLD_MS): Result {
  mustEndAtMs = performance.now() + Math.min(limitMs, MAX_HOLD_MS);
  try {
    return work();
  } finally {
    mustEndAtMs = Infinity;
  }
}

/** Work that can be interrupted where it yields. It is atomic between two yields. */
export type Work<Result> = Generator<void, Result>;

/** A command's total time limit, `maxTimeMS`. The batches of a cursor share the limit of its command. */
export interface TimeBudget {
  leftMs: number;
}

/** Runs work to its end in slices, each within `runSlice`; others run in between. It may exchange its request's budget. */
export async function runInSlices<Result>(
  work: Work<Result>,
  request: { readonly budget: TimeBudget },
  runSlice: <Slice>(slice: () => Slice) => Slice,
  signal: AbortSignal,
): Promise<Result> {
  let markMs = performance.now();
  while (true) {
    const { leftMs } = request.budget;
    const step = runSlice(() => atOnce(() => nextSlice(work, leftMs), leftMs));
    const nowMs = performance.now();
    request.budget.leftMs -= nowMs - markMs;
    markMs = nowMs;
    if (step.done) return step.value;
    if (request.budget.leftMs <= 0) throw timeIsOver();
    // Not `setImmediate()`: Deno reads sockets only once in some sixty of these.
    await setTimeout();
    if (signal.aborted) throw new CommandError(11600, "interrupted at shutdown");
  }
}

function nextSlice<Result>(work: Work<Result>, leftMs: number): IteratorResult<void, Result> {
  const endMs = performance.now() + Math.min(leftMs, SLICE_MS);
  while (true) {
    const step = work.next();
    if (step.done || performance.now() > endMs) return step;
  }
}
