import { DEAD_LETTER_QUEUE } from "@playground/shared/amqp";
import { sleep } from "@playground/shared/time";
import { type Violation, violationsOf } from "./promises.ts";
import { queueLengths } from "./queues.ts";
import type { Run } from "./run.ts";

/** What there is to be seen. */
interface Look {
  readonly isQuiet: boolean;
  readonly state: string;
}

/**
 * Longer than any sleep that a service makes by itself, or RabbitMQ: a message whose way out of a retry queue was cut off by the loss
 * of a node is sent again after three minutes (`dead_letter_worker_publisher_confirm_timeout`), and is to be seen nowhere until then.
 */
const STALL_TIMEOUT_MS = { standIn: 60_000, rabbitmq: 240_000 } as const;
/** What emailers hold cannot be seen; nothing that they do without fault takes longer than this. */
const STABLE_MS = 3_000;
const INTERVAL_MS = 500;

/**
 * Waits until nothing is on its way: all queues and the inbox are empty, every process is ready, and nothing has changed for some
 * seconds.
 */
export async function awaitQuiet(run: Run): Promise<readonly Violation[]> {
  const stallTimeoutMs = STALL_TIMEOUT_MS[run.backing.isRabbitmq ? "rabbitmq" : "standIn"];
  let last = "";
  let changedAt = performance.now();
  for (;;) {
    const { isQuiet, state } = await look(run);
    const now = performance.now();
    if (state !== last) changedAt = now;
    last = state;
    const stableMs = now - changedAt;
    if (isQuiet && stableMs >= STABLE_MS) return [];
    run.signal.throwIfAborted();
    if (stableMs >= stallTimeoutMs) {
      const detail = `no quiet, and nothing new for ${stallTimeoutMs} ms: ${state}`;
      return violationsOf("empty", [detail]);
    }
    await sleep(INTERVAL_MS, run.signal);
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
