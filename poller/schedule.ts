import { getLogger } from "@logtape/logtape";
import type { Poll } from "./poll.ts";
import { logPoll } from "./poll_log.ts";

/** What the schedule is made of; injected in tests. */
export interface ScheduleOptions {
  /** Polls once. */
  readonly poll: Poll;
  /** Seconds between two polls: divides 60, or is a multiple of 60. */
  readonly intervalSeconds: number;
  /** Calls the handler at each tick of a cron expression, never while an earlier call is under way. */
  readonly cron: Cron;
  /** Ends the schedule. */
  readonly signal: AbortSignal;
}

/** The part of `Deno.cron` that is used. */
export type Cron = (
  name: string,
  expression: string,
  options: { readonly backoffSchedule: number[]; readonly signal: AbortSignal },
  handler: () => Promise<void>,
) => Promise<void>;

const SECONDS_PER_MINUTE = 60;

/**
 * Polls at the start and then at each interval, until the signal.
 *
 * Cron ticks once a minute (or every few), so that the polls within a minute are counted from its tick; and its first tick can be
 * a minute away, so that until then a timer keeps the interval. There is never more than one poll at a time.
 */
export async function runSchedule(options: ScheduleOptions): Promise<void> {
  const { intervalSeconds, cron, signal } = options;
  const guard = new PollGuard(options);
  const cronTookOver = new AbortController();

  const scheduled = cron("poll-email", cronExpression(intervalSeconds), {
    // A failed poll is made up for by the next one, not by a retry of cron's own.
    backoffSchedule: [],
    signal,
  }, async () => {
    cronTookOver.abort();
    const pollsPerTick = Math.max(1, SECONDS_PER_MINUTE / intervalSeconds);
    await pollRepeatedly(guard, intervalSeconds, pollsPerTick, signal);
  });

  await pollRepeatedly(
    guard,
    intervalSeconds,
    Number.POSITIVE_INFINITY,
    AbortSignal.any([signal, cronTookOver.signal]),
  );
  await scheduled;
}

/** `* * * * *` for intervals within a minute; above, the minutes or hours that the interval is made of. */
function cronExpression(intervalSeconds: number): string {
  const minutes = Math.max(1, intervalSeconds / SECONDS_PER_MINUTE);
  return minutes < 60 ? `*/${minutes} * * * *` : "0 * * * *";
}

/** Polls at once, then at the given interval from there, so often as asked or until the signal. */
async function pollRepeatedly(
  guard: PollGuard,
  intervalSeconds: number,
  count: number,
  signal: AbortSignal,
): Promise<void> {
  const intervalMs = intervalSeconds * 1000;
  const start = performance.now();
  let index = 0;
  while (index < count) {
    await sleep(start + index * intervalMs - performance.now(), signal);
    if (signal.aborted) return;
    await guard.poll();
    // What fell due during a long poll is not made up for: that poll has done its work.
    index = Math.max(index + 1, Math.ceil((performance.now() - start) / intervalMs));
  }
}

/**
 * Keeps polls from overlapping, and leaves the API alone when it asked for that. Its time only goes on: a wall clock that is set
 * back would make a pause of seconds one of hours.
 */
class PollGuard {
  readonly #options: ScheduleOptions;
  readonly #logger = getLogger(["mail-poller"]);
  #running: Promise<void> | undefined;
  #notBefore = 0;

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  async poll(): Promise<void> {
    const { poll } = this.#options;
    const isPaused = performance.now() < this.#notBefore;
    if (this.#running !== undefined || isPaused) return await this.#running;
    this.#running = this.#run(poll).finally(() => this.#running = undefined);
    await this.#running;
  }

  async #run(poll: Poll): Promise<void> {
    try {
      const result = await poll();
      this.#notBefore = performance.now() + result.pauseMs;
      // Nothing is what most polls find.
      if (result.foundCount > 0 || result.failures.length > 0) logPoll(result);
    } catch (error) {
      this.#logger.error("Poll failed: {error}", { error });
    }
  }
}

/** Waits, at most until the signal. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const onAbort = () => resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener("abort", onAbort);
}
