import { attribute } from "@playground/shared/tracing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { z } from "zod";
import {
  archivedAtUs,
  byTime,
  emailState,
  emailStateOf,
  endOf,
  isDelivered,
} from "./email_state.ts";
import type { TracedEmail } from "./traced_emails.ts";

/** One of the recent emails. */
export const emailSummary = z.object({
  traceId: z.string(),
  traceUrl: z.url().optional(),
  emailId: z.string().optional(),
  /** The id of the `schedule-email` span of its request, which identifies it if it was refused before it got an id. */
  spanId: z.string().optional(),
  scheduledAt: z.iso.datetime(),
  /** Whether it is from the load generator. */
  synthetic: z.boolean(),
  state: emailState,
  archivedAfterMs: z.number().min(0).optional(),
  recipientDomain: z.string().optional(),
  /** The time from the acceptance to the archiving, else to the end of the last span. */
  durationMs: z.number().min(0),
  /** The outcomes of its attempts in order of time, at most the last 20; an open one is under way or to come. */
  attempts: z.array(z.enum(["failed", "done", "open"])).readonly(),
  /** The number of its spans; those of the polls are not counted. */
  spanCount: z.int().min(0),
  /** Why it was refused, or why the last failed attempt failed, even if a later one succeeded. */
  reason: z.string().optional(),
}).readonly();

/** One of the recent emails; see {@linkcode emailSummary}. */
export type EmailSummary = z.output<typeof emailSummary>;

/** The spans of the email itself: a caller's may be longer, or of another time. */
const OWN = new Set(["schedule-email", "amqp-publish", "amqp-retry", "emailer", "send-email"]);
/** A message that goes back to the queue while no mail can be sent may do so thousands of times. */
const MAX_ATTEMPTS = 20;

/** Summarizes an email for a list. */
export function summarizeEmail(
  { emailId, spanId, startUs, spans }: TracedEmail,
  traceId: string,
  traceUrl: string | undefined,
): EmailSummary {
  const scheduled = spans.find(({ name }) => name === "schedule-email");
  const state = emailStateOf(spans);
  const archivedAt = state.name === "archived" ? archivedAtUs(spans) : undefined;
  const archivedAfterMs = archivedAt && Math.max(0, archivedAt - startUs) / 1_000;
  const recipientDomain = scheduled?.tags?.[attribute.recipientDomain];
  const attempts = spans.filter(({ name }) => name === "emailer").toSorted(byTime);
  const failed = attempts.findLast(({ tags }) => tags?.[attribute.outcome] !== "delivered");
  const refusal = state.name === "refused" ? state.reason : undefined;
  const ownTraceIds = new Set(
    spans.filter(({ name = "" }) => OWN.has(name)).map((span) => span.traceId),
  );
  const isOpen = state.name === "sending" || state.name === "retrying";
  return {
    traceId,
    traceUrl,
    emailId,
    spanId,
    scheduledAt: new Date(startUs / 1_000).toISOString(),
    synthetic: scheduled?.tags?.[attribute.synthetic] !== undefined,
    state,
    archivedAfterMs,
    recipientDomain,
    durationMs: archivedAfterMs ?? lastedMs(startUs, spans),
    attempts: [
      ...attempts.map((span) => isDelivered([span]) ? "done" as const : "failed" as const),
      ...(isOpen ? ["open" as const] : []),
    ].slice(-MAX_ATTEMPTS),
    spanCount:
      new Set(spans.filter((span) => ownTraceIds.has(span.traceId)).map(({ id }) => id)).size,
    reason: refusal ?? failed?.tags?.error,
  };
}

function lastedMs(startUs: number, spans: readonly ZipkinSpan[]): number {
  const ends = spans.filter(({ name = "" }) => OWN.has(name)).map(endOf);
  return (ends.reduce((last, end) => Math.max(last, end), startUs) - startUs) / 1_000;
}
