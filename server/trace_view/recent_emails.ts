import type { ZipkinSpan } from "@playground/shared/tracing";
import {
  type CollectorUnavailable,
  orUnavailable,
  type ZipkinApi,
  zipkinTraces,
} from "./zipkin_api.ts";

/** The traces of the recent emails, or why there are none. */
export type RecentEmailsResult =
  | { readonly status: "found"; readonly traces: readonly (readonly ZipkinSpan[])[] }
  | CollectorUnavailable;

/** Reads the traces of the emails that were scheduled last, newest first. */
export type ReadRecentEmails = (limit: number) => Promise<RecentEmailsResult>;

/** How far back emails are looked for. */
const LOOKBACK_MS = 24 * 60 * 60 * 1000;

/**
 * Makes the function that searches the collector for the recent emails. It is one question: an email's own trace tells its whole
 * state, the archiving included.
 */
export function createRecentEmailsReader(api: ZipkinApi): ReadRecentEmails {
  return (limit) =>
    orUnavailable(async () => {
      const query = new URLSearchParams({
        serviceName: "message-server",
        spanName: "schedule-email",
        lookback: String(LOOKBACK_MS),
        limit: String(limit),
      });
      const traces = await api.get(`api/v2/traces?${query}`, zipkinTraces) ?? [];
      return {
        status: "found" as const,
        traces: traces.toSorted((a, b) => scheduledUs(b) - scheduledUs(a)),
      };
    });
}

function scheduledUs(spans: readonly ZipkinSpan[]): number {
  return spans.find(({ name }) => name === "schedule-email")?.timestamp ?? 0;
}
