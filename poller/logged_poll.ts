import { getLogger } from "@logtape/logtape";
import type { Poll, PollResult } from "./poll.ts";

export interface LoggedPollOptions {
  /** Whether a poll is logged that found nothing and in which nothing failed, as most do. */
  readonly alsoWhenEmpty: boolean;
}

/** Logs what came of each poll; within {@linkcode tracedPoll}, in its span. */
export function loggedPoll(poll: Poll, { alsoWhenEmpty }: LoggedPollOptions): Poll {
  return async () => {
    const result = await poll();
    const isEmpty = result.foundCount === 0 && result.failures.length === 0;
    if (!isEmpty || alsoWhenEmpty) logPoll(result);
    return result;
  };
}

function logPoll({ foundCount, storedCount, failures }: PollResult): void {
  const logger = getLogger(["mail-poller"]);
  logger.info("Archived {stored} of {found} messages", { stored: storedCount, found: foundCount });
  for (const reason of failures) logger.warn("{reason}", { reason });
}
