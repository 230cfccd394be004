import { ROOT_CONTEXT } from "@opentelemetry/api";
import { attribute, markFailed, type Tracing } from "@playground/shared/tracing";
import type { Poll } from "./poll.ts";

/**
 * Puts the `poll-email` span around each poll, a trace of its own. A poll that did not fail and found
 * nothing, or only mails of emails that are not sampled, is not reported.
 */
export function tracedPoll(poll: Poll, tracing: Tracing): Poll {
  return () =>
    tracing.inTailSampledSpan(
      "poll-email",
      { parent: ROOT_CONTEXT, attributes: { [attribute.spanKind]: "periodic" } },
      async (span) => {
        const result = await poll();
        const { foundCount, storedCount, failures } = result;
        span.setAttributes({
          [attribute.messageCount]: foundCount,
          [attribute.storedCount]: storedCount,
          [attribute.failedCount]: failures.length,
        });
        if (failures.length > 0) {
          markFailed(span, { reason: summarize(failures), type: "incomplete" });
        }
        return result;
      },
      ({ failures }) => failures.length > 0,
    );
}

/** The first reason stands for all; each has a span of its own. */
function summarize([first, ...others]: readonly string[]): string {
  return others.length === 0 ? `${first}` : `${first}; and ${others.length} more`;
}
