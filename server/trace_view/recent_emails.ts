import type { ZipkinSpan } from "@playground/shared/tracing";
import { type EmailSummary, summarizeEmail } from "./email_summary.ts";
import { isUnsettled, readElsewhere } from "./cut_traces.ts";
import { linkedTraceId, readLinkedTraces } from "./linked_traces.ts";
import { POLLER, pollTimes } from "./poll_reader.ts";
import { emailsOf, factsOf, isNamed, type TracedEmail } from "./traced_emails.ts";
import {
  AHEAD_MS,
  type CollectorUnavailable,
  orUnavailable,
  searchPath,
  type ZipkinApi,
} from "./zipkin_api.ts";

/** The recent emails, or why they are unknown. */
export type EmailsResult =
  | { readonly status: "found"; readonly emails: readonly EmailSummary[] }
  | CollectorUnavailable;

/** Reads the newest emails of those that were accepted between two times, in milliseconds since 1970. @default all times */
export type ReadRecentEmails = (
  limit: number,
  fromMs?: number,
  toMs?: number,
) => Promise<EmailsResult>;

interface RecentEmail {
  readonly startUs: number;
  readonly summary: EmailSummary;
  /** The email with its spans, if it was tried again in a linked trace. */
  readonly retried?: TracedEmail;
  /** The email with its spans, if it should have come further by now. */
  readonly unsettled?: TracedEmail;
}

const isRetried = (span: ZipkinSpan) => linkedTraceId(span) !== undefined;

/** A clock that is less ahead hides other emails only for a moment; and spans arrive while the collector is read. */
const TOLERANCE_MS = 60_000;
/** How many linked traces are read for each email. */
const MAX_RETRIES = 8;
/** How many more traces are read when callers with fast clocks hold the first places. */
const CROWD_FACTOR = 5;

/** The most emails whose further traces are looked for, and the most spans of one. */
const MAX_CUT_EMAILS = 5;
const MAX_CUT_SPANS = 100;

/**
 * Makes the function that searches the collector for the recent emails. The state of an email, its archiving included, is derived
 * from its own trace or, if it was tried again in linked traces, from the last of these.
 *
 * Zipkin searches by the start of a trace's root and puts the traces with the latest span first. Both spans may be the caller's,
 * which may have begun long ago, or have a wrong clock: the search covers all times, unless a time is given.
 */
export function createRecentEmailsReader(
  api: ZipkinApi,
  traceUrl: (traceId: string) => string | undefined,
  serviceName: string,
  now: () => number,
): ReadRecentEmails {
  const summarize = (email: TracedEmail, traceId: string) =>
    summarizeEmail(email, traceId, traceUrl(traceId));
  const read = async (limit: number, traceLimit: number, fromMs: number, toMs: number) => {
    const nowMs = now();
    // The last millisecond counts whole.
    const endMs = toMs + 1;
    const isWithin = (startUs: number) => startUs >= fromMs * 1_000 && startUs < endMs * 1_000;
    const range = { endTs: endMs, lookback: endMs - fromMs, limit: traceLimit };
    let newest: readonly RecentEmail[] = [];
    let traceCount = 0;
    let isAnyAhead = false;
    // Keeps each trace's summaries, not its spans: a hundred long ones would be too much.
    await api.readTraces(
      searchPath({ serviceName, spanName: "schedule-email", ...range }),
      factsOf,
      (spans, traceId) => {
        traceCount++;
        isAnyAhead ||= spans.some(({ timestamp = 0 }) => timestamp / 1_000 > nowMs + TOLERANCE_MS);
        const found = emailsOf(spans).filter(({ startUs }) => isWithin(startUs)).slice(-limit)
          .map((email): RecentEmail => ({
            startUs: email.startUs,
            summary: summarize(email, traceId),
            ...(email.spans.some(isRetried)
              ? { retried: email }
              // Not a long one: a hundred would be too much.
              : email.spans.length <= MAX_CUT_SPANS && isUnsettled(email, nowMs)
              ? { unsettled: email }
              : {}),
          }));
        newest = [...newest, ...found].toSorted((a, b) => b.startUs - a.startUs).slice(0, limit);
      },
    );
    return { newest, isCrowded: traceCount >= traceLimit && isAnyAhead };
  };

  const readRetries = async (emails: readonly RecentEmail[]): Promise<readonly ZipkinSpan[]> => {
    const retries: ZipkinSpan[] = [];
    const known = emails.flatMap(({ retried }) => retried?.spans ?? []);
    const maxCount = emails.length * MAX_RETRIES;
    await readLinkedTraces(api, known, (span) => retries.push(factsOf(span)), maxCount);
    return retries;
  };

  const complete = async (email: TracedEmail, traceId: string): Promise<EmailSummary> => {
    const polls = { poller: POLLER, times: pollTimes(email.startUs, now()) };
    const spans = [...email.spans];
    await readElsewhere(api, email, polls, (span) => spans.push(factsOf(span)));
    return summarize({ ...email, spans }, traceId);
  };

  return (limit, fromMs = 0, toMs = now() + AHEAD_MS) =>
    orUnavailable(async () => {
      if (fromMs > toMs) return { status: "found" as const, emails: [] };
      const first = await read(limit, limit, fromMs, toMs);
      const { newest } = first.isCrowded
        ? await read(limit, limit * CROWD_FACTOR, fromMs, toMs)
        : first;
      const retries = await readRetries(newest);
      let cutCount = 0;
      const emails = newest.map(({ summary, retried, unsettled }) => {
        if (unsettled !== undefined && cutCount++ < MAX_CUT_EMAILS) {
          return complete(unsettled, summary.traceId);
        }
        const whole = retried && emailsOf([...retried.spans, ...retries])
          .find((email) => isNamed(email, summary.emailId));
        return whole === undefined ? summary : summarize(whole, summary.traceId);
      });
      return { status: "found" as const, emails: await Promise.all(emails) };
    });
}
