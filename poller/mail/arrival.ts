import { type Context, type SpanContext, trace } from "@opentelemetry/api";
import { SENT_AT_HEADER } from "@playground/shared/email";
import { extractContext } from "@playground/shared/tracing";
import { type MailHeader, mailHeaderReader, type SplitMail, splitMail } from "./split_mail.ts";

/** The trace that brought a mail here, as its headers claim: the email's own, if our emailer wrote them. */
export interface MailOrigin {
  /** The context of the `emailer` span. */
  readonly context: Context;
  readonly spanContext: SpanContext;
  /** When the emailer sent the mail, in microseconds since 1970, if the mail says so. */
  readonly sentAtMicroseconds: number | undefined;
}

/** A mail as it arrived. */
export interface Arrival extends SplitMail {
  readonly raw: Uint8Array<ArrayBuffer>;
  readonly origin: MailOrigin | undefined;
}

/** Receives a mail. It never fails, and is fast whatever the size. */
export function receiveMail(raw: Uint8Array<ArrayBuffer>): Arrival {
  const mail = splitMail(raw);
  return { ...mail, raw, origin: mailOrigin(mail.headers) };
}

function mailOrigin(headers: readonly MailHeader[]): MailOrigin | undefined {
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
