import { attribute, type ZipkinSpan } from "@playground/shared/tracing";
import { SpanWindow } from "./span_window.ts";
import { type CollectorUnavailable, orUnavailable, type ZipkinApi } from "./zipkin_api.ts";

/** The spans of an email, or why there are none. */
export type SpansResult =
  | {
    readonly status: "found";
    readonly spans: readonly ZipkinSpan[];
    /** How many spans there are beside these. */
    readonly omittedSpanCount: number;
  }
  | { readonly status: "unknown" }
  | CollectorUnavailable;

/** Reads the spans of one email. */
export type ReadEmailSpans = (traceId: string) => Promise<SpansResult>;

/** How far back a poll that handled the email is looked for, at most. */
const LOOKBACK_MS = 24 * 60 * 60 * 1000;
/** A poll may have begun long before the email that it finds. */
const LONGEST_POLL_MS = 60 * 60 * 1000;
/** An email is handled by few polls: one, or some more when storing or deleting failed. */
const MAX_POLLS = 10;

/**
 * Makes the function that reads all spans of an email from Zipkin's API: its own trace, and from the traces of the polls the
 * spans that are about this email.
 */
export function createSpanReader(
  api: ZipkinApi,
  maxSpans = Infinity,
  now: () => number = Date.now,
): ReadEmailSpans {
  const readPolls = async (traceId: string, window: SpanWindow): Promise<void> => {
    const query = new URLSearchParams({
      serviceName: "mail-poller",
      // Of a poll that found something; the email's own trace has a span of the poller as well.
      spanName: "fetch-message",
      annotationQuery: `${attribute.originTraceId}=${traceId}`,
      lookback: String(lookbackMs(window.spans, now())),
      limit: String(MAX_POLLS),
    });
    await api.read(`api/v2/traces?${query}`, (span) => {
      if (span.traceId !== traceId && isAbout(traceId, span)) window.add(span);
    });
  };

  return (traceId) =>
    orUnavailable(async () => {
      const window = new SpanWindow(maxSpans);
      const isKnown = await api.read(`api/v2/trace/${traceId}`, (span) => window.add(span));
      if (!isKnown) return { status: "unknown" as const };
      await readPolls(traceId, window);
      const { spans, omittedCount } = window;
      return { status: "found" as const, spans, omittedSpanCount: omittedCount };
    });
}

/** No poll that was over before the email was scheduled can have handled it. */
function lookbackMs(own: readonly ZipkinSpan[], nowMs: number): number {
  const startUs = own.reduce(
    (start, { timestamp = Infinity }) => Math.min(start, timestamp),
    Infinity,
  );
  const ageMs = nowMs - startUs / 1_000;
  const lookback = Math.ceil(ageMs + LONGEST_POLL_MS);
  return lookback > 0 ? Math.min(lookback, LOOKBACK_MS) : LOOKBACK_MS;
}

/** A poll handles many emails at once; what is common to all of them belongs to each. */
function isAbout(traceId: string, { name, tags = {} }: ZipkinSpan): boolean {
  return name === "poll-email" || name === "fetch-inbox" ||
    tags[attribute.originTraceId] === traceId;
}
