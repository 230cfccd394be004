import { sleep } from "@playground/shared/time";
import { deleteSendQueue, queueLengths, WAITING_QUEUES } from "./queues.ts";
import type { ChaosSystem } from "./system.ts";

/** What emailers hold cannot be seen; a mail whose 250 comes very late takes four seconds. */
const STABLE_MS = 5_000;
/** All attempts at an email take six seconds; a queue that is not empty by then is left alone, since further faults come. */
export const EMPTY_TIMEOUT_MS = 16_000;
const INTERVAL_MS = 250;

/**
 * Deletes the queue of the emailers at a moment when that costs no email: who deletes messages loses them. Those that come next come
 * at once.
 */
export async function deleteQueue(
  { loadGate, direct }: Pick<ChaosSystem, "loadGate" | "direct">,
  onBegin: () => void,
  signal: AbortSignal,
): Promise<void> {
  loadGate.close();
  try {
    if (!await untilEmpty(direct.amqpUrls, signal)) return;
    onBegin();
    await deleteSendQueue(direct.amqpUrls);
  } finally {
    loadGate.open();
  }
}

async function untilEmpty(amqpUrls: readonly string[], signal: AbortSignal): Promise<boolean> {
  const giveUpAt = performance.now() + EMPTY_TIMEOUT_MS;
  let filledAt = performance.now();
  while (!signal.aborted && performance.now() < giveUpAt) {
    const isEmpty = await queueLengths(amqpUrls).then(
      (lengths) => WAITING_QUEUES.every((queue) => lengths[queue] === 0),
      () => false, // The broker is not back yet.
    );
    const now = performance.now();
    if (!isEmpty) filledAt = now;
    if (now - filledAt >= STABLE_MS) return true;
    await sleep(INTERVAL_MS, signal);
  }
  return false;
}
