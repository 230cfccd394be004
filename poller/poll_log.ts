import { getLogger } from "@logtape/logtape";
import type { PollResult } from "./poll.ts";

/** Says in the log what came of a poll. */
export function logPoll({ foundCount, storedCount, failures }: PollResult): void {
  const logger = getLogger(["mail-poller"]);
  logger.info("Archived {stored} of {found} messages", { stored: storedCount, found: foundCount });
  for (const reason of failures) logger.warn("{reason}", { reason });
}
