import { attribute } from "@playground/shared/tracing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { z } from "zod";
import { diagram, toDiagram } from "./diagram.ts";
import { emailState, emailStateOf, isDelivered } from "./email_state.ts";
import { toTraceRows, traceRow } from "./rows.ts";

const archivedMail = z.object({ documentId: z.string() }).readonly();

/** All that is known of one email. */
export const emailTrace = z.object({
  /** The trace that it travels in. */
  traceId: z.string(),
  /** The address at which people see the trace. */
  traceUrl: z.url().optional(),
  /** Where it is. */
  state: emailState,
  /** The spans of its own trace, and those of the polls that are about it, in Zipkin's form. */
  spans: z.array(z.custom<ZipkinSpan>().meta({ type: "object" })).readonly(),
  /** How many more spans there are; they are left out in the middle. */
  omittedSpanCount: z.int().min(1).optional(),
  /** The spans as rows of a picture. */
  rows: z.array(traceRow).readonly(),
  /** The system as the email passes it. */
  diagram,
  /** The mail in the archive, once it is there. */
  mail: archivedMail.optional(),
  /** A mail in the archive that claims to be this email, of which no span shows that it was delivered. */
  claimedMail: archivedMail.optional(),
}).readonly();

/** All that is known of one email; see {@linkcode emailTrace}. */
export type EmailTrace = z.output<typeof emailTrace>;

/** Tells all that the spans of an email tell. */
export function describeEmailTrace(
  traceId: string,
  spans: readonly ZipkinSpan[],
  traceUrl: string | undefined,
  omittedSpanCount = 0,
): EmailTrace {
  const rows = toTraceRows(spans);
  const documentId = documentIdOf(spans);
  return {
    traceId,
    ...(traceUrl === undefined ? {} : { traceUrl }),
    state: emailStateOf(spans),
    spans,
    ...(omittedSpanCount === 0 ? {} : { omittedSpanCount }),
    rows,
    diagram: toDiagram(spans, rows),
    ...(documentId === undefined
      ? {}
      : { [isDelivered(spans) ? "mail" : "claimedMail"]: { documentId } }),
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
