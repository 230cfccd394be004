import { failureReason } from "@playground/shared/http";
import { sleep } from "@playground/shared/time";
import type { ArchiveCounter } from "@playground/tasks/clients/archive";
import type { QueueCounter } from "@playground/tasks/clients/broker";
import type { Tally } from "./tally.ts";

/** How the accepted emails ended; an unknown figure is `undefined`. */
export interface OutcomeFigures {
  readonly archived?: number;
  readonly deadLettered?: number;
  readonly waiting?: number;
}

/** The sources of the figures. A missing one was unreachable at the start. */
interface OutcomeSources {
  readonly archive?: Pick<ArchiveCounter, "estimate" | "exact"> | undefined;
  readonly queues?: Pick<QueueCounter, "estimate" | "deadLettered"> | undefined;
}

/** Keeps the last known figures: a short outage of the database, perhaps on purpose, does not end the run. */
export class Outcomes {
  readonly #sources: OutcomeSources;
  readonly #problems = new Map<keyof OutcomeSources, string>();
  #figures: OutcomeFigures = {};

  constructor(sources: OutcomeSources) {
    this.#sources = sources;
  }

  get figures(): OutcomeFigures {
    return this.#figures;
  }

  get problems(): readonly string[] {
    return [...this.#problems.values()];
  }

  /** Asks for the quick figures, which include other people's emails. */
  async estimate(): Promise<void> {
    const { archive, queues } = this.#sources;
    await Promise.all([
      this.#ask("archive", archive, async (counter) => ({ archived: await counter.estimate() })),
      this.#ask("queues", queues, (counter) => counter.estimate()),
    ]);
  }

  /** Counts the emails of the run alone, which takes a while. */
  async exact(): Promise<void> {
    const { archive, queues } = this.#sources;
    let deadLettered: ReadonlySet<string> | undefined;
    await this.#ask("queues", queues, async (counter) => {
      const { waiting } = await counter.estimate();
      deadLettered = await counter.deadLettered();
      return { waiting, deadLettered: deadLettered.size };
    });
    await this.#ask("archive", archive, async (counter) => ({
      archived: await counter.exact(deadLettered),
    }));
  }

  async #ask<Source>(
    name: keyof OutcomeSources,
    source: Source | undefined,
    ask: (source: Source) => Promise<OutcomeFigures>,
  ): Promise<void> {
    if (source === undefined) return;
    try {
      const answer = await ask(source);
      this.#figures = { ...this.#figures, ...answer };
      this.#problems.delete(name);
    } catch (error) {
      this.#problems.set(name, failureReason(error));
    }
  }
}

export type SettleEnd =
  /** By the known figures, as many emails have ended as were accepted. */
  | "complete"
  | "timeout"
  | "interrupted";

interface SettleOptions {
  readonly tally: Pick<Tally, "expected">;
  readonly outcomes: Pick<Outcomes, "figures" | "estimate" | "exact">;
  readonly sending: Promise<void>;
  /** How long to wait without progress, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const INTERVAL_MS = 500;

/**
 * Keeps the figures up to date while emails are sent, and afterwards until all have ended.
 *
 * The estimate is quick but counts other people's emails as well. Once all have ended by the estimate, or there is no more
 * progress, the emails of the run are counted exactly.
 */
export async function settle(options: SettleOptions): Promise<SettleEnd> {
  const { tally, outcomes, sending, timeoutMs, signal } = options;
  const sent = new AbortController();
  const isOver = sending.then(() => sent.abort());
  // The end of the sending cuts the wait short.
  const sentOrStopped = AbortSignal.any([signal, sent.signal]);
  const endedCount = () => (outcomes.figures.archived ?? 0) + (outcomes.figures.deadLettered ?? 0);
  const haveAllEnded = () => {
    const { archived, deadLettered } = outcomes.figures;
    return endedCount() >= (archived === undefined ? 0 : tally.expected.archived) +
        (deadLettered === undefined ? 0 : tally.expected.deadLettered);
  };
  let lastEnded = -1;
  let lastCounted = -1;
  let lastMovedAt = performance.now();
  while (!signal.aborted) {
    const isSending = !sent.signal.aborted;
    await outcomes.estimate();
    const ended = endedCount();
    if (isSending || ended !== lastEnded) {
      lastEnded = ended;
      lastMovedAt = performance.now();
    }
    const isTimeout = performance.now() - lastMovedAt >= timeoutMs;
    // Another exact count would be the same.
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
