import { archivedMail } from "@playground/shared/email";
import { attribute } from "@playground/shared/tracing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { layOutWaterfall, spanKey } from "@playground/shared/waterfall";
import { z } from "zod";
import { diagram, toDiagram } from "./diagram.ts";
import { bySeverity, emailState, emailStateOf, isDelivered } from "./email_state.ts";
import { emailSummary, summarizeEmail } from "./email_summary.ts";
import { picture, toPicture } from "./picture.ts";
import { toTraceRows, traceRow } from "./rows.ts";
import type { EmailSpans } from "./span_reader.ts";
import { emailsOf, isAboutEmail, keysOf } from "./traced_emails.ts";

/** The most listed emails of a trace; those in the worst states come first. */
const MAX_EMAILS = 1_000;

const mailName = archivedMail.unwrap().pick({ documentId: true }).readonly();

/** An email, or all emails of a trace. A trace of other services has neither state nor diagram. */
export const emailTrace = z.object({
  traceId: z.string(),
  traceUrl: z.url().optional(),
  /** The id of the email that state, diagram and mail describe: the requested one, else the one in the worst state. */
  emailId: z.string().optional(),
  state: emailState.optional(),
  /** The spans of its own trace, and the polls' spans about it, in Zipkin's form. */
  spans: z.array(z.custom<ZipkinSpan>().meta({ type: "object" })).readonly(),
  /** How many more spans there are; they are left out in the middle. */
  omittedSpanCount: z.int().min(1).optional(),
  rows: z.array(traceRow).readonly(),
  picture,
  diagram: diagram.optional(),
  mail: mailName.optional(),
  /** A mail in the archive that claims to be this email, without a span that proves its delivery. */
  claimedMail: mailName.optional(),
  /** All emails of the trace, in the order in which they were accepted. */
  emails: z.array(emailSummary).readonly(),
  omittedEmailCount: z.int().min(1).optional(),
}).readonly();

/** An email with its trace; see {@linkcode emailTrace}. */
export type EmailTrace = z.output<typeof emailTrace>;

/** Describes the email that was asked for, or else all emails of a trace, from the spans. */
export function describeEmailTrace(
  traceId: string,
  { spans, omittedSpanCount = 0, emails = emailsOf(spans), email }: EmailSpans,
  traceUrl: string | undefined,
  nowUs = Date.now() * 1_000,
): EmailTrace {
  const known = emails.map((email) => ({
    email,
    summary: summarizeEmail(email, traceId, traceUrl),
  }));
  const worstFirst = known.toSorted((a, b) => bySeverity(a.summary.state, b.summary.state));
  const shown = email === undefined ? worstFirst[0] : known.find((one) => one.email === email);
  const listed = new Set(worstFirst.slice(0, MAX_EMAILS));
  const { emailId, state = spans.some(isAboutEmail) ? emailStateOf(spans) : undefined } =
    shown?.summary ?? {};
  const waterfall = layOutWaterfall(spans);
  const rows = toTraceRows(waterfall, { nowUs, omittedSpanCount });
  // A request for one email shows only that one; a picture of several shows more.
  const keys = email !== undefined || shown === undefined || emails.length === 1
    ? undefined
    : keysOf(shown.email, spans);
  const isShown = (key: string) => keys?.has(key) ?? true;
  const documentId = documentIdOf(spans.filter((span) => isShown(spanKey(span))));
  const mail = documentId === undefined ? undefined : { documentId };
  const isOurs = isDelivered(shown?.email.spans ?? spans);
  return {
    traceId,
    traceUrl,
    emailId,
    state,
    spans,
    ...(omittedSpanCount === 0 ? {} : { omittedSpanCount }),
    rows,
    picture: toPicture(waterfall),
    diagram: state &&
      toDiagram(state, waterfall.startUs, rows.filter(({ key }) => isShown(key))),
    mail: isOurs ? mail : undefined,
    claimedMail: isOurs ? undefined : mail,
    emails: known.filter((one) => listed.has(one)).map(({ summary }) => summary),
    ...(listed.size === emails.length ? {} : { omittedEmailCount: emails.length - listed.size }),
  };
}

function documentIdOf(spans: readonly ZipkinSpan[]): string | undefined {
  return spans
    .filter(({ name, tags = {} }) =>
      (name === "archive-email" || name === "store-message") && tags.error === undefined
    )
    .map(({ tags }) => tags?.[attribute.dbObjectId])
    .find((id) => id !== undefined);
}
