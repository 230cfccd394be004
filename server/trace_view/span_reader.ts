import { attribute, type ZipkinSpan } from "@playground/shared/tracing";
import { spanKey } from "@playground/shared/waterfall";
import { isUnsettled, readElsewhere } from "./cut_traces.ts";
import { archivedAtUs, endOf, isDelivered } from "./email_state.ts";
import { readLinkedTraces } from "./linked_traces.ts";
import { MAX_POLLS, POLLER, pollTimes, readFailedPoll, readPolls } from "./poll_reader.ts";
import { SpanWindow } from "./span_window.ts";
import { emailsOf, factsOf, isNamed, keysOf, type TracedEmail } from "./traced_emails.ts";
import { type CollectorUnavailable, orUnavailable, pathOf, type ZipkinApi } from "./zipkin_api.ts";

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
      const facts = new SpanWindow();
      const all = new SpanWindow(maxSpans);
      // The operator may rename the service.
      let poller = POLLER;
      const add = (span: ZipkinSpan) => {
        if (span.name === "archive-email") poller = span.localEndpoint?.serviceName ?? poller;
        facts.add(factsOf(span));
        all.add(span);
      };
      if (!await api.read(pathOf([traceId]), add)) return { status: "unknown" };
      const known = emailsOf(facts.spans);
      const { spans } = known.find((one) => isNamed(one, emailId)) ?? facts;
      const linkedIds = await readLinkedTraces(api, spans, add);
      const traceIds = [traceId, ...linkedIds];
      const emails = linkedIds.length === 0 ? known : emailsOf(facts.spans);
      const email = emails.find((one) => isNamed(one, emailId));
      if (email === undefined && emailId !== undefined) return { status: "unknown" };
      const polls = { poller, times: pollTimes((email ?? emails[0])?.startUs, now()) };
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
        const keys = keysOf(email, facts.spans);
        const addOwn = (span: ZipkinSpan) => keys.has(spanKey(span)) && own.add(span);
        if (all.omittedSpanCount === 0) all.spans.forEach(addOwn);
        else await api.read(pathOf(traceIds), addOwn);
        // The polls that found a mail of one of its attempts.
        const origins = email.spans.filter(({ name }) => name === "emailer").slice(-MAX_POLLS)
          .map(({ traceId, id }) => ({
            [attribute.originTraceId]: traceId,
            [attribute.originSpanId]: id,
          }));
        await readPolls(api, origins, polls, (span) => own.add(span));
      }
      // The request names none of several emails: each of them now has the spans of its polls.
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
