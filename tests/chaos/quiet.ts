import { DEAD_LETTER_QUEUE } from "@playground/shared/amqp";
import { sleep } from "@playground/shared/time";
import type { Observer } from "./observer.ts";
import { queueLengths } from "./queues.ts";
import type { ChaosSystem } from "./system.ts";

export interface QuietOptions {
  readonly system: ChaosSystem;
  readonly observer: Observer;
  readonly acceptedCount: number;
  readonly deadBefore: number;
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** Whether it has become quiet, and what there was to be seen at last. */
export interface Quiet {
  readonly isQuiet: boolean;
  readonly state: string;
}

/** What emailers hold cannot be seen; nothing that they do without fault takes longer than this. */
const STABLE_MS = 3_000;
const INTERVAL_MS = 500;

/**
 * Waits until nothing is on its way: all queues and the inbox are empty, every process is ready, and nothing has changed for some
 * seconds.
 */
export async function waitForQuiet(options: QuietOptions): Promise<Quiet> {
  const { stallTimeoutMs, signal } = options;
  let last = "";
  let changedAt = performance.now();
  for (;;) {
    const { isQuiet, state } = await look(options);
    const now = performance.now();
    if (state !== last) changedAt = now;
    last = state;
    const stableMs = now - changedAt;
    if (isQuiet && stableMs >= STABLE_MS) return { isQuiet, state };
    if (stableMs >= stallTimeoutMs || signal.aborted) return { isQuiet: false, state };
    await sleep(INTERVAL_MS, signal);
  }
}

async function look(options: QuietOptions): Promise<Quiet> {
  const { system, observer, acceptedCount, deadBefore } = options;
  try {
    const { [DEAD_LETTER_QUEUE]: dead = 0, ...queues } = await queueLengths(
      system.direct.amqpUrls,
    );
    const inbox = await observer.inboxCount();
    const archived = await observer.archivedCount();
    const ready = await Promise.all(system.services.map(({ process }) => process.isReady()));
    const waiting = Object.values(queues).reduce((sum, count) => sum + count, inbox);
    const state = JSON.stringify({ ...queues, inbox, archived, dead, ready });
    const isQuiet = waiting === 0 && ready.every((isReady) => isReady) &&
      archived + dead - deadBefore >= acceptedCount;
    return { isQuiet, state };
  } catch (error) {
    return { isQuiet: false, state: String(error) };
  }
}
