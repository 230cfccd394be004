import { ROOT_CONTEXT } from "@opentelemetry/api";
import { attribute, markFailed, type Tracing } from "@playground/shared/tracing";
import type { Poll } from "./poll.ts";

/**
 * Puts the `poll-email` span around each poll, a trace of its own. A successful poll is not reported if it found nothing, or only
 * mails of unsampled emails.
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

/** Only the first reason; each failure has a span of its own. */
function summarize([first, ...others]: readonly string[]): string {
  return others.length === 0 ? `${first}` : `${first}; and ${others.length} more`;
}
