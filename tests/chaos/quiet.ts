import { DEAD_LETTER_QUEUE } from "@playground/shared/amqp";
import { sleep } from "@playground/shared/time";
import { queueLengths } from "./queues.ts";
import type { Run } from "./run.ts";

/** What there is to be seen. */
interface Look {
  readonly isQuiet: boolean;
  readonly state: string;
}

/** What emailers hold cannot be seen; nothing that they do without fault takes longer than this. */
const STABLE_MS = 3_000;
const INTERVAL_MS = 500;

/**
 * Waits until nothing is on its way: all queues and the inbox are empty, every process is ready, and nothing has changed for some
 * seconds. Returns what there was to be seen at last, if it does not become quiet.
 */
export async function waitForQuiet(
  run: Run,
  stallTimeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  let last = "";
  let changedAt = performance.now();
  for (;;) {
    const { isQuiet, state } = await look(run);
    const now = performance.now();
    if (state !== last) changedAt = now;
    last = state;
    const stableMs = now - changedAt;
    if (isQuiet && stableMs >= STABLE_MS) return undefined;
    if (stableMs >= stallTimeoutMs || signal.aborted) return state;
    await sleep(INTERVAL_MS, signal);
  }
}

async function look({ system, observer, ledger, deadBefore }: Run): Promise<Look> {
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
      archived + dead - deadBefore >= ledger.accepted.size;
    return { isQuiet, state };
  } catch (error) {
    return { isQuiet: false, state: String(error) };
  }
}
