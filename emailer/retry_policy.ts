import type { Duration } from "@playground/shared/configuration";

/** When an email that could not be sent is tried again. */
export interface RetryPolicy {
  /** The waits after the first attempt, the second, …; the last one serves all that follow. */
  readonly delays: readonly Duration[];
  /** After so many attempts the email is given up. */
  readonly maxAttempts: number;
}

/** The wait before the next attempt. */
export function delayAfter(
  { delays, maxAttempts }: RetryPolicy,
  failedAttempt: number,
): Duration | undefined {
  return failedAttempt >= maxAttempts ? undefined : delays[failedAttempt - 1] ?? delays.at(-1);
}
