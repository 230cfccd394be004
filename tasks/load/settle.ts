import { type Clock, SYSTEM_CLOCK } from "./generator.ts";
import type { Outcomes } from "./outcomes.ts";
import type { Tally } from "./tally.ts";

/** How the wait for the emails ended. */
export type SettleEnd =
  /** As many have ended as were accepted, as far as it can be told. */
  | "complete"
  /** Nothing more came through in time. */
  | "timeout"
  | "interrupted";

export interface SettleOptions {
  readonly tally: Pick<Tally, "expected">;
  readonly outcomes: Pick<Outcomes, "figures" | "estimate" | "exact">;
  /** Resolves when nothing more is sent. */
  readonly sending: Promise<void>;
  /** How long to wait while nothing more comes through. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

const INTERVAL_MS = 500;

/**
 * Keeps the figures up to date while emails are sent, and afterwards until all have ended.
 *
 * The estimate is quick but counts other people's emails as well. Once it says that all have ended, or that nothing moves any
 * more, the emails of the run are counted exactly.
 */
export async function settle(options: SettleOptions): Promise<SettleEnd> {
  const { tally, outcomes, sending, timeoutMs, signal, clock: { now, sleep } = SYSTEM_CLOCK } =
    options;
  const sent = new AbortController();
  const isOver = sending.then(() => sent.abort());
  // It looks at once when everything is sent.
  const sentOrStopped = AbortSignal.any([signal, sent.signal]);
  const endedCount = () => (outcomes.figures.archived ?? 0) + (outcomes.figures.deadLettered ?? 0);
  /** As far as it can be told. */
  const haveAllEnded = () => {
    const { archived, deadLettered } = outcomes.figures;
    return endedCount() >= (archived === undefined ? 0 : tally.expected.archived) +
        (deadLettered === undefined ? 0 : tally.expected.deadLettered);
  };
  let lastEnded = -1;
  let lastCounted = -1;
  let lastMovedAt = now();
  while (!signal.aborted) {
    const isSending = !sent.signal.aborted;
    await outcomes.estimate();
    const ended = endedCount();
    if (isSending || ended !== lastEnded) {
      lastEnded = ended;
      lastMovedAt = now();
    }
    const isTimeout = now() - lastMovedAt >= timeoutMs;
    // The same count again would tell nothing new.
    if (isTimeout || (!isSending && ended !== lastCounted && haveAllEnded())) {
      lastCounted = ended;
      await outcomes.exact();
      if (haveAllEnded()) return "complete";
      if (isTimeout) return "timeout";
    }
    await sleep(INTERVAL_MS, isSending ? sentOrStopped : signal);
  }
  await isOver;
  return "interrupted";
}
