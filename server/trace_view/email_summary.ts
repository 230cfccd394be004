import { attribute, type ZipkinSpan } from "@playground/shared/tracing";
import { z } from "zod";
import { emailState, emailStateOf } from "./email_state.ts";

/** One of the recent emails. */
export const emailSummary = z.object({
  /** The trace that it travels in. */
  traceId: z.string(),
  /** The address at which people see the trace. */
  traceUrl: z.url().optional(),
  /** The email's id, once a span tells it. */
  emailId: z.string().optional(),
  /** When the message server got it. */
  scheduledAt: z.iso.datetime(),
  /** Whether it comes from the load generator. */
  synthetic: z.boolean(),
  /** Where it is. */
  state: emailState,
  /** The domain of its recipient. */
  recipientDomain: z.string().optional(),
}).readonly();

/** One of the recent emails; see {@linkcode emailSummary}. */
export type EmailSummary = z.output<typeof emailSummary>;

/** Tells of an email what a list has room for. */
export function summarizeEmail(
  spans: readonly ZipkinSpan[],
  traceUrl: (traceId: string) => string | undefined,
): EmailSummary {
  const scheduled = spans.find(({ name }) => name === "schedule-email");
  const traceId = scheduled?.traceId ?? spans[0]?.traceId ?? "";
  const url = traceUrl(traceId);
  const emailId = tagOf(spans, attribute.messagingMessageId);
  const recipientDomain = scheduled?.tags?.[attribute.recipientDomain];
  return {
    traceId,
    ...(url === undefined ? {} : { traceUrl: url }),
    ...(emailId === undefined ? {} : { emailId }),
    scheduledAt: new Date(startUsOf(scheduled, spans) / 1_000).toISOString(),
    synthetic: scheduled?.tags?.[attribute.synthetic] !== undefined,
    state: emailStateOf(spans),
    ...(recipientDomain === undefined ? {} : { recipientDomain }),
  };
}

/** When the email was scheduled; a span without a time leaves it to the earliest of the others. */
function startUsOf(scheduled: ZipkinSpan | undefined, spans: readonly ZipkinSpan[]): number {
  if (scheduled?.timestamp !== undefined) return scheduled.timestamp;
  const timestamps = spans.flatMap(({ timestamp }) => timestamp === undefined ? [] : [timestamp]);
  return timestamps.reduce(
    (earliest, timestamp) => Math.min(earliest, timestamp),
    timestamps[0] ?? 0,
  );
}

function tagOf(spans: readonly ZipkinSpan[], name: string): string | undefined {
  return spans.map(({ tags }) => tags?.[name]).find((value) => value !== undefined);
}
