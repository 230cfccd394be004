import { attribute, type ZipkinSpan } from "@playground/shared/tracing";
import { spanKey } from "@playground/shared/waterfall";
import { isUnsettled, readElsewhere } from "./cut_traces.ts";
import { archivedAtUs, endOf, isDelivered } from "./email_state.ts";
import { readLinkedTraces } from "./linked_traces.ts";
import { SpanWindow } from "./span_window.ts";
import { COMMON, emailsOf, factsOf, isNamed, keysOf, type TracedEmail } from "./traced_emails.ts";
import {
  type CollectorUnavailable,
  orUnavailable,
  searchPath,
  type ZipkinApi,
} from "./zipkin_api.ts";

/** The spans of a trace, or of one of its emails. */
export interface EmailSpans {
  readonly spans: readonly ZipkinSpan[];
  /** How many further spans there are. @default none */
  readonly omittedSpanCount?: number;
  /** All emails of the trace, with the spans that determine their states. @default those of the spans to show */
  readonly emails?: readonly TracedEmail[];
  readonly email?: TracedEmail;
}

/** The spans of a trace or an email, or why there are none. */
export type SpansResult =
  | EmailSpans & { readonly status: "found" }
  | { readonly status: "unknown" }
  | CollectorUnavailable;

/** The most spans of a trace that are read to find its emails: those of some thousand. */
export const MAX_TRACE_SPANS = 20_000;
/** The service that polls, unless its operator renames it. */
export const POLLER = "mail-poller";
/** How far back to look for a poll when no email has a time. */
const LOOKBACK_MS = 24 * 60 * 60 * 1000;
/** A poll may begin long before the email that it finds. */
const LONGEST_POLL_MS = 60 * 60 * 1000;
/** An email is handled by few polls: one, or some more when storing or deleting failed. */
export const MAX_POLLS = 10;

/**
 * Makes the function that reads all spans of an email from Zipkin's API: its own trace, those of its linked retries, and from the
 * traces of the polls the spans that are about this email.
 */
export function createSpanReader(
  api: ZipkinApi,
  maxSpans = Infinity,
  now: () => number = Date.now,
): (traceId: string, emailId?: string) => Promise<SpansResult> {
  return (traceId, emailId) =>
    orUnavailable(async (): Promise<SpansResult> => {
      const facts = new SpanWindow(MAX_TRACE_SPANS);
      const all = new SpanWindow(maxSpans);
      // Its operator may rename it.
      let poller = POLLER;
      const add = (span: ZipkinSpan) => {
        if (span.name === "archive-email") poller = span.localEndpoint?.serviceName ?? poller;
        facts.add(factsOf(span));
        all.add(span);
      };
      if (!await api.readById([traceId], add)) return { status: "unknown" };
      const known = emailsOf(facts.spans);
      const { spans } = known.find((one) => isNamed(one, emailId)) ?? facts;
      const linkedIds = await readLinkedTraces(api, spans, add);
      const traceIds = [traceId, ...linkedIds];
      const emails = linkedIds.length === 0 ? known : emailsOf(facts.spans);
      const email = emails.find((one) => isNamed(one, emailId));
      if (email === undefined && emailId !== undefined) return { status: "unknown" };
      const polls = { poller, lookback: lookbackMs((email ?? emails[0])?.startUs, now()) };
      const isWhole = email === undefined || emails.length === 1;
      const own = isWhole ? all : new SpanWindow(maxSpans);
      if (isWhole) {
        const origins = traceIds.map((id) => ({ [attribute.originTraceId]: id }));
        await readPolls(api, origins, polls, add);
        if (isDelivered(all.spans) && archivedAtUs(all.spans) === undefined) {
          const attempt = all.spans.findLast(({ name }) => name === "emailer");
          await readFailedPoll(api, polls, attempt ? endOf(attempt) : 0, add);
        }
      } else {
        const keys = keysOf(email);
        const addOwn = (span: ZipkinSpan) => keys.has(spanKey(span)) && own.add(span);
        if (all.omittedSpanCount === 0) all.spans.forEach(addOwn);
        else await api.readById(traceIds, addOwn);
        // The polls that found a mail of one of its attempts.
        const origins = email.spans.filter(({ name }) => name === "emailer").slice(-MAX_POLLS)
          .map(({ traceId, id }) => ({
            [attribute.originTraceId]: traceId,
            [attribute.originSpanId]: id,
          }));
        await readPolls(api, origins, polls, (span) => own.add(span));
      }
      // Of several without a name, each has its polls, as a trace with one email.
      if (isWhole && emails.length > 1) {
        return { status: "found", ...all.shown, emails: emailsOf(facts.spans) };
      }
      const one = email ?? emails[0];
      const elsewhere: ZipkinSpan[] = [];
      if (one !== undefined && isUnsettled(one, now())) {
        await readElsewhere(api, { ...one, spans: own.spans }, polls, (span) => {
          own.add(span);
          elsewhere.push(factsOf(span));
        });
      }
      const whole = one && { ...one, spans: [...one.spans, ...elsewhere] };
      return {
        status: "found",
        ...own.shown,
        emails: emails.map((other) => whole !== undefined && other === one ? whole : other),
        ...(email && { email: whole }),
      };
    });
}

/** The polls of an email, and how to find them. */
export interface Polls {
  readonly poller: string;
  /** How far back they are looked for, in milliseconds. */
  readonly lookback: number;
}

/** Reads the spans of polls that have one of these origins. */
export async function readPolls(
  api: ZipkinApi,
  origins: readonly Readonly<Record<string, string>>[],
  { poller, lookback }: Polls,
  add: (span: ZipkinSpan) => void,
): Promise<void> {
  /** The polls that were read for an earlier origin. */
  const polled = new Set<string>();
  for (const origin of origins) {
    const found = new Set<string>();
    const path = searchPath(
      // Of a poll that found something; the email's own trace has a span of the poller as well.
      { serviceName: poller, spanName: "fetch-message", lookback, limit: MAX_POLLS },
      origin,
    );
    await api.read(path, (span) => {
      const { traceId, name = "", tags = {} } = span;
      if (traceId === origin[attribute.originTraceId]) return;
      found.add(traceId);
      // A poll handles many emails at once; its common spans belong to each.
      const isOurs = Object.entries(origin).every(([tag, value]) => tags[tag] === value);
      // It may have found the mails of two attempts.
      if (COMMON.has(name) ? !polled.has(traceId) : isOurs) add(span);
    });
    for (const traceId of found) polled.add(traceId);
  }
}

/**
 * Reads the spans of the last poll if it could not list the inbox: the mails there wait beyond the next poll. This poll's spans
 * name no email.
 */
async function readFailedPoll(
  api: ZipkinApi,
  { poller, lookback }: Polls,
  sinceUs: number,
  add: (span: ZipkinSpan) => void,
): Promise<void> {
  const path = searchPath({ serviceName: poller, spanName: "fetch-inbox", lookback, limit: 1 });
  const spans: ZipkinSpan[] = [];
  await api.read(path, (span) => spans.push(span));
  const listing = spans.findLast(({ name }) => name === "fetch-inbox");
  if (listing?.tags?.error === undefined || (listing.timestamp ?? 0) < sinceUs) return;
  for (const span of spans) {
    if (COMMON.has(span.name ?? "")) add(span);
  }
}

/** A poll that ended before the email was accepted cannot have handled it. */
export function lookbackMs(startUs: number | undefined, nowMs: number): number {
  const lookback = Math.ceil(nowMs - (startUs ?? NaN) / 1_000 + LONGEST_POLL_MS);
  return lookback > 0 ? lookback : LOOKBACK_MS;
}
