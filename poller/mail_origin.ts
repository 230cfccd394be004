import {
  type Attributes,
  type Context,
  type SpanContext,
  trace,
  TraceFlags,
} from "@opentelemetry/api";
import type { TraceThroughSmtp } from "@playground/shared/configuration";
import { SENT_AT_HEADER } from "@playground/shared/email";
import { attribute, extractContext, type SpanOptions } from "@playground/shared/tracing";
import type { TraceReference } from "./archive/document.ts";
import { type MailHeader, mailHeaderReader } from "./mail/mail_headers.ts";

/** The trace that brought a mail here: the email's own, which the emailer wrote into the mail. */
export interface MailOrigin {
  /** The context of the `emailer` span. */
  readonly context: Context;
  /** Its ids. */
  readonly spanContext: SpanContext;
  /** When the emailer sent the mail, in microseconds since 1970, where the mail says so. */
  readonly sentAtMicroseconds: number | undefined;
}

/** Reads the trace context from a mail's headers. */
export function mailOrigin(headers: readonly MailHeader[]): MailOrigin | undefined {
  const read = mailHeaderReader(headers);
  const context = extractContext(read);
  const spanContext = trace.getSpanContext(context);
  if (spanContext === undefined) return undefined;
  const sentAt = Number(read(SENT_AT_HEADER.toLowerCase()));
  return {
    context,
    spanContext,
    sentAtMicroseconds: Number.isSafeInteger(sentAt) && sentAt > 0 ? sentAt : undefined,
  };
}

/** The ids of a mail's origin, for the archive. */
export function traceReference(headers: readonly MailHeader[]): TraceReference | null {
  const origin = mailOrigin(headers);
  if (origin === undefined) return null;
  const { traceId, spanId } = origin.spanContext;
  return { traceId, spanId };
}

/**
 * Where the span of a step for one mail belongs: in the poll's trace with a link to the email's (`link`), or in the email's trace
 * itself (`join`).
 */
export function placeSpan(
  mode: TraceThroughSmtp,
  origin: MailOrigin | undefined,
): Pick<SpanOptions, "parent" | "links"> & { readonly attributes: Attributes } | undefined {
  if (origin === undefined || mode === "off") return { attributes: {} };
  const { context, spanContext } = origin;
  if ((spanContext.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  const attributes = {
    [attribute.originTraceId]: spanContext.traceId,
    [attribute.originSpanId]: spanContext.spanId,
  };
  return mode === "join"
    ? { parent: context, attributes }
    : { links: [{ context: spanContext }], attributes };
}
