import { Turns } from "../turns.ts";
import { describeEmailTrace, type EmailTrace } from "./email_trace.ts";
import { createRecentEmailsReader, type ReadRecentEmails } from "./recent_emails.ts";
import { createSpanReader } from "./span_reader.ts";
import type { CollectorUnavailable, ZipkinApi } from "./zipkin_api.ts";

/** The most spans shown of an email: nobody reads more. */
export const MAX_SPANS = 1_000;

/** Each may hold a long trace. More than one, so that callers of a slow collector wait less for each other. */
const MAX_READS = 3;

const BUSY: CollectorUnavailable = {
  status: "unavailable",
  reason: "too many others are reading from the collector",
};

/** One email, or why it is unknown. */
export type EmailTraceResult =
  | { readonly status: "found"; readonly trace: EmailTrace }
  | { readonly status: "unknown" }
  | CollectorUnavailable;

/** Why the state of emails is unknown when spans go nowhere, or to a collector without a Zipkin API. */
export const NO_COLLECTOR =
  "there is no collector to read from; set ZIPKIN_URL, OTEL_TRACES_EXPORTER to zipkin, and OTEL_SDK_DISABLED to false";

/** Reads the state of emails from the collector. */
export interface EmailReader {
  /** The emails that were accepted last, newest first. */
  readonly recent: ReadRecentEmails;
  /** Describes a trace or, given the id of an email or of its request's span, that email. */
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
  const turns = new Turns(MAX_READS);
  return {
    recent: shared(turns, createRecentEmailsReader(api, traceUrl, serviceName, now)),
    trace: shared(turns, async (traceId, emailId): Promise<EmailTraceResult> => {
      const result = await readSpans(traceId, emailId);
      if (result.status !== "found") return result;
      const trace = describeEmailTrace(traceId, result, traceUrl(traceId), now() * 1_000);
      return { status: "found", trace };
    }),
  };
}

/** Answers concurrent equal questions with one read. */
function shared<Question extends readonly unknown[], Answer>(
  turns: Turns,
  read: (...question: Question) => Promise<Answer>,
): (...question: Question) => Promise<Answer | CollectorUnavailable> {
  const underWay = new Map<string, Promise<Answer | CollectorUnavailable>>();
  const readInTurn = async (...question: Question) => {
    using turn = await turns.take();
    return turn === undefined ? BUSY : await read(...question);
  };
  return (...question) =>
    underWay.getOrInsertComputed(
      question.join(),
      (key) => readInTurn(...question).finally(() => underWay.delete(key)),
    );
}
