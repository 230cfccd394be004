import { emailsOf } from "@playground/server/trace-view";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { DeadEmail, Traces } from "./backend.ts";
import type { FaultRecord } from "./faults.ts";
import type { Refusal } from "./ledger.ts";
import { explainLostSpan, untilConfirmed } from "./lost_spans.ts";

export interface VisibilityFindings {
  readonly traces: Traces;
  readonly refusals: readonly Refusal[];
  readonly deadLetters: readonly DeadEmail[];
  readonly faults: readonly FaultRecord[];
}

export interface Visibility {
  readonly failures: number;
  readonly seen: number;
  /** How many are missing because their process was killed before it reported them. */
  readonly lostWithProcess: number;
  readonly unseen: readonly string[];
}

interface KnownFailure {
  readonly what: string;
  readonly isSeen: boolean;
  /** The process that had the failure: the beginning of its name. */
  readonly reporter: string;
  /** When it was, in milliseconds since 1970: the earliest and the latest moment that is possible. */
  readonly betweenMs: readonly [from: number, to: number];
}

/**
 * Compares the failures that are known from elsewhere with the traces: each refused request must be an error of its
 * `schedule-email`, each failed attempt an error of its `emailer` and of the `send-email` below, each dead letter an error of the
 * `emailer` that gave it up, with the same reason.
 */
export function findFailures(findings: VisibilityFindings): Visibility {
  const failures = [
    ...refusedRequests(findings),
    ...deadEmails(findings),
    ...failedAttempts(findings),
  ];
  const missing = failures.filter(({ isSeen }) => !isSeen);
  const unexplained = missing.filter(({ reporter, betweenMs }) =>
    !explainLostSpan(reporter, betweenMs, findings.faults)
  );
  return {
    failures: failures.length,
    seen: failures.length - missing.length,
    lostWithProcess: missing.length - unexplained.length,
    unseen: unexplained.map(({ what }) => what),
  };
}

function refusedRequests({ refusals, traces }: VisibilityFindings): readonly KnownFailure[] {
  return refusals.map(({ traceId, server, betweenMs }) => ({
    what: `the request refused by ${server} is no error in the trace ${traceId}`,
    isSeen: (traces.get(traceId) ?? []).some((span) =>
      span.name === "schedule-email" && isError(span)
    ),
    reporter: server,
    betweenMs,
  }));
}

function deadEmails({ deadLetters, traces, faults }: VisibilityFindings): readonly KnownFailure[] {
  return deadLetters.flatMap(({ id, reason, traceId = "", spanId, deadAt }) => {
    // RabbitMQ itself gave the message up, without a span.
    if (deadAt === undefined) return [];
    const spans = traces.get(traceId) ?? [];
    const emailer = spans.find((span) => span.name === "emailer" && span.id === spanId);
    return [{
      what: `that ${id} was given up (${reason}) is no error in the trace ${traceId}`,
      // If the confirm was lost, the emailer did not know that the broker had the dead letter, and adds that to the reason.
      isSeen: (emailer?.tags?.error?.startsWith(reason) ?? false) &&
        hasFailedSending(spans, emailer),
      reporter: "emailer",
      betweenMs: untilConfirmed(deadAt.getTime(), faults),
    }];
  });
}

/** A third attempt proves that two attempts failed. */
function failedAttempts(
  { traces, deadLetters, faults }: VisibilityFindings,
): readonly KnownFailure[] {
  // An email that was refused first and accepted with the same Idempotency-Key later has two traces.
  const lastAttempts = new Map(
    deadLetters.map(({ id, traceId, attempts }) => [`${traceId} ${id}`, attempts]),
  );
  return [...traces].flatMap(([traceId, all]) =>
    emailsOf(all).flatMap(({ emailId = "", spans }) => {
      const emailers = spans.filter(({ name }) => name === "emailer");
      const known = lastAttempts.get(`${traceId} ${emailId}`) ?? 1;
      const last = Math.max(known, ...emailers.map(attemptOf));
      return Array.from({ length: last - 1 }, (_, index): KnownFailure => {
        const attempt = index + 1;
        return {
          what: `the failure of attempt ${attempt} is no error in the trace ${traceId}`,
          isSeen: emailers.some((emailer) =>
            attemptOf(emailer) === attempt && isError(emailer) && hasFailedSending(spans, emailer)
          ),
          reporter: "emailer",
          betweenMs: momentOf(attempt, spans, faults),
        };
      });
    })
  );
}

/** The next attempt says when it was published: that is when the one before had failed. */
function momentOf(
  attempt: number,
  spans: readonly ZipkinSpan[],
  faults: readonly FaultRecord[],
): readonly [from: number, to: number] {
  const next = spans.find((span) => span.name === "emailer" && attemptOf(span) === attempt + 1);
  const publish = spans.find((span) =>
    span.name === "amqp-retry" && span.kind === "CONSUMER" && span.id === next?.parentId
  );
  if (publish?.timestamp !== undefined) return untilConfirmed(publish.timestamp / 1000, faults);
  return [Math.min(...spans.map(({ timestamp = Infinity }) => timestamp / 1000)), Infinity];
}

function hasFailedSending(spans: readonly ZipkinSpan[], emailer: ZipkinSpan | undefined): boolean {
  return spans.some((span) =>
    span.name === "send-email" && span.parentId === emailer?.id && isError(span)
  );
}

function attemptOf({ tags }: ZipkinSpan): number {
  return Number(tags?.attempt ?? 1);
}

function isError({ tags }: ZipkinSpan): boolean {
  return tags?.error !== undefined;
}
