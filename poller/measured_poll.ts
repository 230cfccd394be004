import { measured, type Metrics } from "@playground/shared/metrics";
import type { Poll } from "./poll.ts";

/** Measures how long polls take, how long ago the last good one was, and what they find. */
export function measuredPoll(poll: Poll, metrics: Metrics): Poll {
  const durations = metrics.histogram("playground.poll.duration");
  let foundCount = 0;
  let withheldCount = 0;
  // Until a poll has succeeded, the time since the start tells how long none has.
  let succeededAtMs = performance.now();
  metrics.observe("playground.poll.age", () => (performance.now() - succeededAtMs) / 1_000);
  metrics.observe("playground.inbox.mails", () => foundCount);
  metrics.observe("playground.inbox.withheld", () => withheldCount);
  return () =>
    measured(durations, poll, (result) => {
      foundCount = result.foundCount;
      withheldCount = result.waitingMails.length;
      if (result.failures.length > 0) return { "error.type": "incomplete" };
      succeededAtMs = performance.now();
      return {};
    });
}
