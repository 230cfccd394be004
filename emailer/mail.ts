import { Buffer } from "node:buffer";
import { EMAIL_ID_HEADER, type EmailDocument, SENT_AT_HEADER } from "@playground/shared/email";
import type { TraceHeaders } from "@playground/shared/tracing";
import { VERSION } from "@playground/shared/version";
import * as base64 from "nodemailer/lib/base64";
import * as quotedPrintable from "nodemailer/lib/qp";
import { keepByteOrderMark, listHeader, mailboxHeader, textHeader } from "./mail_header.ts";

/** The input of a mail. */
export interface MailFacts {
  readonly document: EmailDocument;
  readonly emailId: string;
  /** Its Message-ID, in angle brackets; the same at every attempt. */
  readonly messageId: string;
  /** When the message server accepted it; the same at every attempt. */
  readonly date: Date;
  /** The trace that the mail carries, if any. */
  readonly trace?: MailTrace | undefined;
}

/** The trace headers of a mail, so that its reader can continue the trace. */
export interface MailTrace {
  readonly headers: TraceHeaders;
  /** When the attempt began to send, in microseconds since 1970. */
  readonly sentAtMicroseconds: number;
}

/** A mail, ready for the mail server. */
export interface Mail {
  /** The envelope: sender and recipients in the SMTP dialogue (RFC 5321 section 2.3.1). */
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly raw: Uint8Array;
}

/** See {@linkcode composeMail}. */
export type ComposeMail = (facts: MailFacts) => Mail;

const encoder = new TextEncoder();

/** The parent's id would mean nothing to the reader of a mail. */
const OMITTED_HEADER = "X-B3-ParentSpanId";
const LIST_HEADERS: ReadonlySet<string> = new Set(["tracestate", "baggage"]);

/** The longest line of either encoding (RFC 2045 section 6.7 rule 5 and section 6.8). */
const MAX_LINE_LENGTH = 76;

/** Writes a mail (RFC 5322, MIME). */
export function composeMail(facts: MailFacts): Mail {
  const { document: { sender, recipient, subject, body }, emailId, messageId, date, trace } = facts;
  const { encoding, content } = encodeText(bodyText(body));
  // nodemailer's composer passes on text that looks encoded and blanks that readers trim, and rewrites names. It also took a
  // seventh of the emailer's processor time.
  const headers = [
    mailboxHeader("From", sender),
    mailboxHeader("To", recipient),
    textHeader("Subject", subject),
    textHeader("X-Mailer", `tracing-playground-emailer/${VERSION}`),
    textHeader(EMAIL_ID_HEADER, emailId),
    ...(trace === undefined ? [] : traceHeaders(trace)),
    `Message-ID: ${messageId}\r\n`,
    `Date: ${date.toUTCString().replace("GMT", "+0000")}\r\n`,
    "MIME-Version: 1.0\r\n",
    "Content-Type: text/plain; charset=utf-8\r\n",
    `Content-Transfer-Encoding: ${encoding}\r\n`,
  ];
  return {
    envelope: { from: sender.address, to: [recipient.address] },
    raw: encoder.encode(`${headers.join("")}\r\n${content}`),
  };
}

/** A text for a mail's body: as it is where possible, else encoded (RFC 2045 section 6). */
function encodeText(text: string): { readonly encoding: string; readonly content: string } {
  if (!isMostlyAscii(text)) {
    const content = base64.wrap(base64.encode(Buffer.from(text)), MAX_LINE_LENGTH);
    return { encoding: "base64", content: `${content}\r\n` };
  }
  const content = quotedPrintable.wrap(quotedPrintable.encode(text), MAX_LINE_LENGTH);
  return { encoding: content === text ? "7bit" : "quoted-printable", content };
}

/**
 * Each line ends with CRLF, the last one too (RFC 5322 section 2.1): so a reader can recognize a body that ends with a line end.
 */
function bodyText(body: string): string {
  return keepByteOrderMark(`${body.replace(/\r\n|\r|\n/g, "\r\n")}\r\n`);
}

function traceHeaders({ headers, sentAtMicroseconds }: MailTrace): readonly string[] {
  return [
    textHeader(SENT_AT_HEADER, String(sentAtMicroseconds)),
    ...Object.entries(headers).filter(([name]) => name !== OMITTED_HEADER).map(([name, value]) =>
      LIST_HEADERS.has(name) ? listHeader(name, value.split(",")) : textHeader(name, value)
    ),
  ];
}

/** Quoted-printable keeps ASCII readable, but triples other bytes; base64 is shorter if these are more than about a sixth. */
function isMostlyAscii(text: string): boolean {
  const others = text.match(/[\u0080-\uffff]/g)?.length ?? 0;
  return others * 6 <= text.length;
}
