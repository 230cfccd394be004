import { getLogger } from "@logtape/logtape";
import type { Poll } from "./poll.ts";

interface ScheduleOptions {
  readonly poll: Poll;
  /** Seconds between two polls: divides 60, or is a multiple of 60. */
  readonly intervalSeconds: number;
  /** Calls the handler at each tick of a cron expression, never while an earlier call is under way. */
  readonly cron: Cron;
  readonly signal: AbortSignal;
}

export type Cron = (
  name: string,
  expression: string,
  options: { readonly backoffSchedule: number[]; readonly signal: AbortSignal },
  handler: () => Promise<void>,
) => Promise<void>;

const SECONDS_PER_MINUTE = 60;
/** A tick this soon after a poll began belongs to that poll. */
const SAME_MOMENT_MS = 1_000;

/**
 * Polls at the start and then at each interval until the signal, one poll after the other.
 *
 * A timer keeps the interval. Cron, which ticks once a minute (or every few), sets the start of the intervals, so that polls come
 * at round times. Its handler does only that, since cron skips ticks while one runs.
 */
export async function runSchedule(options: ScheduleOptions): Promise<void> {
  const { poll, intervalSeconds, cron, signal } = options;
  const intervalMs = intervalSeconds * 1000;
  // Monotonic: a wall clock that is set back would turn a pause of seconds into one of hours.
  const now = () => performance.now();
  let countFromMs = now();
  let lastPollMs = Number.NEGATIVE_INFINITY;
  let notBeforeMs = countFromMs;
  let wakeUp = () => {};
  signal.addEventListener("abort", () => wakeUp(), { once: true });

  const ticking = cron("poll-email", cronExpression(intervalSeconds), {
    // The next poll makes up for a failed one; cron does not retry.
    backoffSchedule: [],
    signal,
  }, () => {
    if (now() - lastPollMs >= SAME_MOMENT_MS) countFromMs = now();
    wakeUp();
    return Promise.resolve();
  });

  while (!signal.aborted) {
    // Polls due during a long poll or a pause are skipped.
    const intervals = Math.ceil((notBeforeMs - countFromMs) / intervalMs);
    const waitMs = countFromMs + intervals * intervalMs - now();
    if (waitMs > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wakeUp = resolve;
      const timer = setTimeout(resolve, waitMs);
      await promise;
      clearTimeout(timer);
      continue;
    }
    lastPollMs = now();
    const pauseMs = await pollOnce(poll);
    notBeforeMs = Math.max(now() + pauseMs, lastPollMs + 1);
  }
  await ticking;
}

/** `* * * * *` for intervals within a minute; otherwise the interval's minutes or hours. */
function cronExpression(intervalSeconds: number): string {
  const minutes = Math.max(1, intervalSeconds / SECONDS_PER_MINUTE);
  return minutes < 60 ? `*/${minutes} * * * *` : "0 * * * *";
}

async function pollOnce(poll: Poll): Promise<number> {
  try {
    return (await poll()).pauseMs;
  } catch (error) {
    getLogger(["mail-poller"]).error("Poll failed: {error}", { error });
    return 0;
  }
}
