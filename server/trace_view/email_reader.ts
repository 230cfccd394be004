import { summarizeEmail } from "./email_summary.ts";
import { describeEmailTrace, type EmailTrace } from "./email_trace.ts";
import { createRecentEmailsReader, type EmailsResult } from "./recent_emails.ts";
import { createSpanReader } from "./span_reader.ts";
import type { CollectorUnavailable, ZipkinApi } from "./zipkin_api.ts";

/** How many spans of an email are told of: nobody reads more. */
export const MAX_SPANS = 1_000;

/** One email, or why it is not known. */
export type EmailTraceResult =
  | { readonly status: "found"; readonly trace: EmailTrace }
  | { readonly status: "unknown" }
  | CollectorUnavailable;

/** Why nothing is known of emails where spans go nowhere, or to a collector that has no Zipkin API. */
export const NO_COLLECTOR =
  "there is no collector to read from; set ZIPKIN_URL, and OTEL_TRACES_EXPORTER to zipkin";

/** Tells of emails what the collector knows. */
export interface EmailReader {
  /** The emails that were scheduled last, newest first. */
  readonly recent: (limit: number) => Promise<EmailsResult>;
  /** All that is known of one email. */
  readonly trace: (traceId: string) => Promise<EmailTraceResult>;
}

/** Makes a reader of Zipkin's API. */
export function createEmailReader(
  api: ZipkinApi,
  traceUrl: (traceId: string) => string | undefined,
): EmailReader {
  const readSpans = createSpanReader(api, MAX_SPANS);
  return {
    recent: shared(
      createRecentEmailsReader(api, MAX_SPANS, (spans) => summarizeEmail(spans, traceUrl)),
    ),
    trace: shared(async (traceId) => {
      const result = await readSpans(traceId);
      if (result.status !== "found") return result;
      return {
        status: "found",
        trace: describeEmailTrace(
          traceId,
          result.spans,
          traceUrl(traceId),
          result.omittedSpanCount,
        ),
      };
    }),
  };
}

/** Answers all who ask the same at the same time with one reading. */
function shared<Question, Answer>(
  read: (question: Question) => Promise<Answer>,
): (question: Question) => Promise<Answer> {
  const underWay = new Map<Question, Promise<Answer>>();
  return (question) => {
    const reading = underWay.get(question) ??
      read(question).finally(() => underWay.delete(question));
    underWay.set(question, reading);
    return reading;
  };
}
