import type { ZipkinSpan } from "@playground/shared/tracing";
import type { EmailSummary } from "./email_summary.ts";
import { SpanWindow } from "./span_window.ts";
import { type CollectorUnavailable, orUnavailable, type ZipkinApi } from "./zipkin_api.ts";

/** The recent emails, or why they are not known. */
export type EmailsResult =
  | { readonly status: "found"; readonly emails: readonly EmailSummary[] }
  | CollectorUnavailable;

/** Reads the emails that were scheduled last, newest first. */
export type ReadRecentEmails = (limit: number) => Promise<EmailsResult>;

/** How far back emails are looked for. */
const LOOKBACK_MS = 24 * 60 * 60 * 1000;

/**
 * Makes the function that searches the collector for the recent emails. It is one question: an email's own trace tells its whole
 * state, the archiving included.
 */
export function createRecentEmailsReader(
  api: ZipkinApi,
  maxSpans: number,
  summarize: (spans: readonly ZipkinSpan[]) => EmailSummary,
): ReadRecentEmails {
  return (limit) =>
    orUnavailable(async () => {
      const query = new URLSearchParams({
        serviceName: "message-server",
        spanName: "schedule-email",
        lookback: String(LOOKBACK_MS),
        limit: String(limit),
      });
      const emails: EmailSummary[] = [];
      let current = { trace: 0, window: new SpanWindow(maxSpans) };
      // Of each trace the summary is kept, not the spans: a hundred long ones would be too much.
      const finish = () => {
        if (current.window.spans.length > 0) emails.push(summarize(current.window.spans));
      };
      await api.read(`api/v2/traces?${query}`, (span, trace) => {
        if (trace !== current.trace) {
          finish();
          current = { trace, window: new SpanWindow(maxSpans) };
        }
        current.window.add(span);
      });
      finish();
      return {
        status: "found" as const,
        emails: emails.toSorted((a, b) => Date.parse(b.scheduledAt) - Date.parse(a.scheduledAt)),
      };
    });
}
