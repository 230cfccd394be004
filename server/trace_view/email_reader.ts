import { summarizeEmail } from "./email_summary.ts";
import { describeEmailTrace, type EmailTrace } from "./email_trace.ts";
import { createRecentEmailsReader, type ReadRecentEmails } from "./recent_emails.ts";
import { createSpanReader, MAX_TRACE_SPANS } from "./span_reader.ts";
import type { CollectorUnavailable, ZipkinApi } from "./zipkin_api.ts";

/** How many spans of an email are shown: nobody reads more. */
export const MAX_SPANS = 1_000;

/** One email, or why it is not known. */
export type EmailTraceResult =
  | { readonly status: "found"; readonly trace: EmailTrace }
  | { readonly status: "unknown" }
  | CollectorUnavailable;

/** Why nothing is known of emails where spans go nowhere, or to a collector that has no Zipkin API. */
export const NO_COLLECTOR =
  "there is no collector to read from; set ZIPKIN_URL, OTEL_TRACES_EXPORTER to zipkin, and OTEL_SDK_DISABLED to false";

/** Reads what the collector knows of emails. */
export interface EmailReader {
  /** The emails that were accepted last, newest first. */
  readonly recent: ReadRecentEmails;
  /** All that is known of a trace; given the id of an email or of its request's span, of that email. */
  readonly trace: (traceId: string, emailId?: string) => Promise<EmailTraceResult>;
}

/** Makes a reader of Zipkin's API. */
export function createEmailReader(
  api: ZipkinApi,
  traceUrl: (traceId: string) => string | undefined,
  serviceName = "message-server",
  now: () => number = Date.now,
): EmailReader {
  const readSpans = createSpanReader(api, MAX_SPANS, now);
  return {
    recent: shared(createRecentEmailsReader(api, {
      serviceName,
      maxSpans: MAX_TRACE_SPANS,
      summarize: (email, traceId) => summarizeEmail(email, traceId, traceUrl(traceId)),
      now,
    })),
    trace: shared(async (traceId, emailId) => {
      const result = await readSpans(traceId, emailId);
      if (result.status !== "found") return result;
      const trace = describeEmailTrace(traceId, result, traceUrl(traceId), now() * 1_000);
      return { status: "found", trace };
    }),
  };
}

/** Answers simultaneous equal questions with one reading. */
function shared<Question extends readonly unknown[], Answer>(
  read: (...question: Question) => Promise<Answer>,
): (...question: Question) => Promise<Answer> {
  const underWay = new Map<string, Promise<Answer>>();
  return (...question) => {
    const key = question.join();
    const reading = underWay.get(key) ??
      read(...question).finally(() => underWay.delete(key));
    underWay.set(key, reading);
    return reading;
  };
}
