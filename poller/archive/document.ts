import { EMAIL_ID_HEADER } from "@playground/shared/email";
import { Binary, BSON } from "mongodb";
import type { Address, Email } from "postal-mime";
import { contentAddress } from "./content_address.ts";
import {
  type MailHeader,
  mailHeaderReader,
  type SplitMail,
  splitMail,
} from "../mail/mail_headers.ts";
import { isPlainText, parseMail } from "./parse_mail.ts";

/** An address with the name that stands beside it. */
export interface ArchivedAddress {
  /** The address; empty where the mail has only a name. */
  readonly address: string;
  /** The name; empty where the mail has only an address. */
  readonly name: string;
}

/** What is kept of an attachment; its bytes are in `raw`. */
export interface ArchivedAttachment {
  /** Its file name, where it has one. */
  readonly name: string | null;
  /** Its media type. */
  readonly type: string;
  /** Its size, decoded. */
  readonly sizeBytes: number;
  /** The SHA-256 of its bytes, in hexadecimal digits. */
  readonly sha256: string;
}

/** One arrival of the mail in the inbox. */
export interface Delivery {
  /** Mailtrap's number. */
  readonly mailtrapId: number;
  /** When Mailtrap received it. */
  readonly receivedAt: Date;
}

/** The ids of a span. */
export interface TraceReference {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
}

/** A mail in the archive: what its content alone determines. Deliveries are added as they come. */
export interface ArchiveDocument {
  /** Its content address. */
  readonly _id: string;
  /** The email's id, where the mail came from our emailer. */
  readonly emailId: string | null;
  /** The Message-ID, in angle brackets. */
  readonly messageId: string | null;
  /** Who it is from. */
  readonly from: ArchivedAddress | null;
  /** Who it is for. */
  readonly to: readonly ArchivedAddress[];
  /** The subject, decoded. */
  readonly subject: string | null;
  /** The Date header. */
  readonly date: Date | null;
  /** All headers in their order, not decoded. */
  readonly headers: readonly MailHeader[];
  /** The plain text, decoded; its line ends are `\n`, and the one that ends the last line is left out. */
  readonly text: string | null;
  /** The HTML, decoded. */
  readonly html: string | null;
  /** The attachments. */
  readonly attachments: readonly ArchivedAttachment[];
  /** The mail as it was received; left out above the size that a document can have. */
  readonly raw: Binary | null;
  /** Whether `raw` was left out. */
  readonly rawOmitted: boolean;
  /** The size of the mail as it was received. */
  readonly sizeBytes: number;
  /** Why the mail could not be read, where it could not. */
  readonly parseError: string | null;
  /** Why this may be a part of the mail only, where it may. */
  readonly doubt: string | null;
  /** When the document was made. */
  readonly storedAt: Date;
  /** The trace that brought the mail here, read from its headers. */
  readonly trace: TraceReference | null;
  /** The trace of the poll that stored it first. */
  readonly pollTraceId: string | null;
}

/** What a document is made of beside the mail itself. */
export interface ArchiveContext {
  /** Now. */
  readonly storedAt: Date;
  /** Reads the trace that the mail carries. */
  readonly traceOf: (headers: readonly MailHeader[]) => TraceReference | null;
  /** The trace of the poll. */
  readonly pollTraceId: string | null;
  /** Why the mail may not be whole. @default it is */
  readonly doubt?: string | undefined;
}

/** A mail with more bytes is archived without them: MongoDB takes documents of at most 16 MiB. */
export const MAX_RAW_BYTES = 15_000_000;
/** So much is parsed of such a mail: its text comes first, and PostalMime takes ten times the memory of what it parses. */
const PARSED_BYTES = 5_000_000;
/** What a document may have; the rest of the 16 MiB is for its deliveries. */
const MAX_DOCUMENT_BYTES = 16_000_000;
/** What is left out of a document that is too large nevertheless, one after the other: the raw bytes have it too. */
const OMISSIONS: readonly Partial<ArchiveDocument>[] = [
  { html: null },
  { text: null },
  { attachments: [] },
  { headers: [] },
  { to: [], from: null, subject: null, messageId: null, emailId: null },
];

/** Reads a mail. One that cannot be parsed is kept all the same, with its headers and its bytes. */
export async function toArchiveDocument(
  raw: Uint8Array,
  { storedAt, traceOf, pollTraceId, doubt }: ArchiveContext,
): Promise<ArchiveDocument> {
  const split = splitMail(raw);
  const header = mailHeaderReader(split.headers);
  const { email, parseError } = await parse(raw, split);
  const rawOmitted = raw.length > MAX_RAW_BYTES;
  return withinSize({
    _id: contentAddress(split),
    emailId: header(EMAIL_ID_HEADER.toLowerCase()) ?? null,
    messageId: header("message-id") ?? null,
    from: email?.from === undefined ? null : addressesOf([email.from])[0] ?? null,
    to: addressesOf(email?.to ?? []),
    subject: email?.subject ?? null,
    date: dateOf(header("date")),
    headers: split.headers,
    text: textOf(email) ?? null,
    html: email?.html ?? null,
    attachments: await Promise.all((email?.attachments ?? []).map(attachmentOf)),
    raw: rawOmitted ? null : new Binary(raw),
    rawOmitted,
    sizeBytes: raw.length,
    parseError,
    doubt: doubt ?? null,
    storedAt,
    trace: traceOf(split.headers),
    pollTraceId,
  });
}

function withinSize(document: ArchiveDocument): ArchiveDocument {
  let fitting = document;
  for (const omission of OMISSIONS) {
    if (BSON.calculateObjectSize(fitting) <= MAX_DOCUMENT_BYTES) break;
    fitting = { ...fitting, ...omission };
  }
  return fitting;
}

async function parse(
  raw: Uint8Array,
  split: SplitMail,
): Promise<{ email?: Email; parseError: string | null }> {
  if (split.headers.length === 0) return { parseError: "the mail has no headers" };
  try {
    if (raw.length <= MAX_RAW_BYTES || isPlainText(split.headers)) {
      return { email: await parseMail(raw, split), parseError: null };
    }
    const beginning = raw.subarray(0, PARSED_BYTES);
    return {
      email: await parseMail(beginning, splitMail(beginning)),
      parseError: `only the first ${PARSED_BYTES} bytes of ${raw.length} are parsed`,
    };
  } catch (error) {
    return { parseError: error instanceof Error ? error.message : String(error) };
  }
}

function textOf(email: Email | undefined): string | undefined {
  return email?.text?.replace(/\r\n|\r/g, "\n").replace(/\n$/, "");
}

/** A group counts as its members (RFC 5322 section 3.4). */
function addressesOf(addresses: readonly Address[]): readonly ArchivedAddress[] {
  return addresses.flatMap((entry) =>
    entry.address === undefined
      ? addressesOf(entry.group ?? [])
      : [{ address: entry.address, name: entry.name }]
  );
}

function dateOf(value: string | undefined): Date | null {
  const date = new Date(value ?? "");
  return Number.isNaN(date.getTime()) ? null : date;
}

async function attachmentOf(
  { filename, mimeType, content }: Email["attachments"][number],
): Promise<ArchivedAttachment> {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : new Uint8Array(content);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return {
    name: filename,
    type: mimeType,
    sizeBytes: bytes.length,
    sha256: new Uint8Array(digest).toHex(),
  };
}
