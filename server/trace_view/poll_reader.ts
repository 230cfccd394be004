import { attribute, type ZipkinSpan } from "@playground/shared/tracing";
import { POLL_WIDE } from "./traced_emails.ts";
import { AHEAD_MS, searchPath, type ZipkinApi } from "./zipkin_api.ts";

/** The service that polls, unless its operator renames it. */
export const POLLER = "mail-poller";
/** How far back to look for a poll when no email has a time. */
const LOOKBACK_MS = 24 * 60 * 60 * 1000;
/** A poll may begin long before the email that it finds. */
const LONGEST_POLL_MS = 60 * 60 * 1000;
/** An email is handled by few polls: one, or some more when storing or deleting failed. */
export const MAX_POLLS = 10;

/** The polls of an email, and how to find them. */
export interface Polls {
  readonly poller: string;
  /** When they began, as in a search. */
  readonly times: ReturnType<typeof pollTimes>;
}

/** Reads the spans of polls that have one of these origins. */
export async function readPolls(
  api: ZipkinApi,
  origins: readonly Readonly<Record<string, string>>[],
  { poller, times }: Polls,
  add: (span: ZipkinSpan) => void,
): Promise<void> {
  /** The polls that were read for an earlier origin. */
  const polled = new Set<string>();
  for (const origin of origins) {
    const found = new Set<string>();
    const path = searchPath(
      // Of a poll that found something; the email's own trace has a span of the poller as well.
      { serviceName: poller, spanName: "fetch-message", ...times, limit: MAX_POLLS },
      origin,
    );
    await api.read(path, (span) => {
      const { traceId, name = "", tags = {} } = span;
      if (traceId === origin[attribute.originTraceId]) return;
      found.add(traceId);
      // A poll handles many emails at once; its common spans belong to each.
      const isOurs = Object.entries(origin).every(([tag, value]) => tags[tag] === value);
      // It may have found the mails of two attempts.
      if (POLL_WIDE.has(name) ? !polled.has(traceId) : isOurs) add(span);
    });
    for (const traceId of found) polled.add(traceId);
  }
}

/**
 * Reads the spans of the last poll if it could not list the inbox: the mails there wait beyond the next poll. This poll's spans
 * name no email.
 */
export async function readFailedPoll(
  api: ZipkinApi,
  { poller, times }: Polls,
  sinceUs: number,
  add: (span: ZipkinSpan) => void,
): Promise<void> {
  const path = searchPath({ serviceName: poller, spanName: "fetch-inbox", ...times, limit: 1 });
  const spans: ZipkinSpan[] = [];
  await api.read(path, (span) => spans.push(span));
  const listing = spans.findLast(({ name }) => name === "fetch-inbox");
  if (listing?.tags?.error === undefined || (listing.timestamp ?? 0) < sinceUs) return;
  for (const span of spans) {
    if (POLL_WIDE.has(span.name ?? "")) add(span);
  }
}

/** A poll that ended before the email was accepted cannot have handled it; the poller's clock may be ahead. */
export function pollTimes(startUs: number | undefined, nowMs: number) {
  const lookback = Math.ceil(nowMs - (startUs ?? NaN) / 1_000 + LONGEST_POLL_MS);
  return {
    endTs: nowMs + AHEAD_MS,
    lookback: AHEAD_MS + (lookback > 0 ? lookback : LOOKBACK_MS),
  };
}
