import { attribute } from "@playground/shared/tracing";
import { z } from "zod";
import { archivedAtUs, emailState, emailStateOf } from "./email_state.ts";
import type { TracedEmail } from "./traced_emails.ts";

/** One of the recent emails. */
export const emailSummary = z.object({
  traceId: z.string(),
  traceUrl: z.url().optional(),
  emailId: z.string().optional(),
  /** The id of the `schedule-email` span of its request, which identifies it if it was refused before it got an id. */
  spanId: z.string().optional(),
  /** When the message server received it. */
  scheduledAt: z.iso.datetime(),
  /** Whether it is from the load generator. */
  synthetic: z.boolean(),
  state: emailState,
  /** The time from accepted to archived. */
  archivedAfterMs: z.number().min(0).optional(),
  recipientDomain: z.string().optional(),
}).readonly();

/** One of the recent emails; see {@linkcode emailSummary}. */
export type EmailSummary = z.output<typeof emailSummary>;

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
  };
}
