/**
 * Variations of an email's spans, for tests.
 *
 * @module
 */
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  attempted,
  published,
  received,
  scheduled,
  type StepOptions,
  TRACE_ID,
} from "../trace_view/email_steps.ts";

export * from "../trace_view/email_steps.ts";

/** The steps until the first attempt is over. */
export function firstAttempt(
  outcome: string,
  options: Partial<StepOptions> = {},
): readonly ZipkinSpan[] {
  return [
    scheduled(),
    published(1, { atMs: 5 }),
    received(1, { atMs: 5, forMs: 95 }),
    ...attempted(1, outcome, { atMs: 100, forMs: 50, ...options }),
  ];
}

export function emailIdOf(number: number): string {
  return `0190d6f2-8c1a-7a60-8000-${String(number).padStart(12, "0")}`;
}

/** The same steps for an email of this number, so that one trace can hold several. */
export function ofEmail(number: number, spans: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  const own = (id: string) => `${number}${id.slice(1)}`;
  return spans.map((span) => {
    const { "messaging.message.id": told, "origin.trace_id": origin, ...tags } = span.tags ?? {};
    return {
      ...span,
      id: own(span.id),
      ...(span.parentId === undefined ? {} : { parentId: own(span.parentId) }),
      tags: {
        ...tags,
        ...(told === undefined ? {} : { "messaging.message.id": emailIdOf(number) }),
        ...(origin === undefined
          ? {}
          : { "origin.trace_id": origin, "origin.span_id": own("c1".padStart(16, "0")) }),
      },
    };
  });
}

/** The trace of an attempt, where each has its own. */
export function traceOfAttempt(attempt: number): string {
  return attempt === 1 ? TRACE_ID : TRACE_ID.replace(/..$/, String(attempt).padStart(2, "0"));
}

/** The same steps where each attempt after the first is a trace of its own (`TRACE_RETRIES=link`). */
export function inLinkedTraces(spans: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  const lastAttempt = Math.max(...spans.map(attemptOf));
  return spans.map((span) => {
    const { name, kind, parentId = "", tags = {}, ...rest } = span;
    const attempt = name === "archive-email" ? lastAttempt : attemptOf(span);
    const traceId = traceOfAttempt(attempt);
    const before = traceOfAttempt(attempt - 1);
    if (name === "amqp-retry") {
      return kind === "CONSUMER"
        ? { ...span, traceId: before, tags: { ...tags, "retry.trace_id": traceId } }
        : { ...span, traceId: before };
    }
    if (name !== "emailer" || attempt === 1) return { ...span, traceId };
    const origin = { "origin.trace_id": before, "origin.span_id": parentId };
    return { ...rest, name, kind, traceId, tags: { ...tags, ...origin } };
  });
}

/** The ids of the steps of an attempt end with its number. */
function attemptOf({ id }: ZipkinSpan): number {
  return Number(/[bcd](\d)$/.exec(id)?.[1] ?? 1);
}

/** The same steps in a trace of their own, some time later. */
export function inTrace(
  traceId: string,
  spans: readonly ZipkinSpan[],
  laterMs = 0,
): readonly ZipkinSpan[] {
  return spans.map((span) => ({
    ...span,
    traceId,
    timestamp: (span.timestamp ?? 0) + laterMs * 1_000,
  }));
}

/** The same spans, below a caller that reports none. */
export function belowCaller(spans: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  return spans.map((span) =>
    span.name === "schedule-email" ? { ...span, parentId: "ca11e4".padStart(16, "0") } : span
  );
}
