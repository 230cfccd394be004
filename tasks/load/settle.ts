import type { OutcomeCounts } from "./outcome_counts.ts";
import type { Sleep } from "@playground/shared/time";
import type { Tally } from "./tally.ts";

/** How the wait for the emails ended. */
export type SettleEnd =
  /** As many have ended as were accepted, as far as it can be told. */
  | "complete"
  /** Nothing more came through in time. */
  | "timeout"
  | "interrupted";

export interface SettleOptions {
  readonly tally: Pick<Tally, "accepted" | "expected">;
  readonly outcomes: Pick<OutcomeCounts, "figures" | "estimate" | "exact">;
  /** Resolves when nothing more is sent. */
  readonly sending: Promise<void>;
  /** How long to wait while nothing more comes through. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly sleep: Sleep;
}

const INTERVAL_MS = 500;

/**
 * Keeps the figures up to date while emails are sent, and afterwards until all have ended.
 *
 * The estimate is quick but counts other people's emails as well. Once it says that all have ended, or that nothing moves any
 * more, the emails of the run are counted exactly.
 */
export async function settle(options: SettleOptions): Promise<SettleEnd> {
  const { outcomes, sending, timeoutMs, signal, now, sleep } = options;
  const sent = new AbortController();
  const isOver = sending.then(() => sent.abort());
  // It looks at once when everything is sent.
  const sentOrStopped = AbortSignal.any([signal, sent.signal]);
  let lastEnded = -1;
  let lastCounted = -1;
  let lastMovedAt = now();
  while (!signal.aborted) {
    const isSending = !sent.signal.aborted;
    await outcomes.estimate();
    const ended = endedCount(outcomes);
    if (isSending || ended !== lastEnded) {
      lastEnded = ended;
      lastMovedAt = now();
    }
    // The same count again would tell nothing new.
    if (!isSending && ended !== lastCounted && hasAllEnded(options)) {
      lastCounted = ended;
      await outcomes.exact();
      if (hasAllEnded(options)) return "complete";
    }
    if (now() - lastMovedAt >= timeoutMs) {
      await outcomes.exact();
      return hasAllEnded(options) ? "complete" : "timeout";
    }
    await sleep(INTERVAL_MS, isSending ? sentOrStopped : signal);
  }
  await isOver;
  return "interrupted";
}

/** Whether as many emails have ended as were accepted, as far as it can be told. */
function hasAllEnded({ tally: { expected }, outcomes }: SettleOptions): boolean {
  const { archived, deadLettered } = outcomes.figures;
  const told = (archived === undefined ? 0 : expected.archived) +
    (deadLettered === undefined ? 0 : expected.deadLettered);
  return endedCount(outcomes) >= told;
}

function endedCount({ figures }: Pick<OutcomeCounts, "figures">): number {
  return (figures.archived ?? 0) + (figures.deadLettered ?? 0);
}
