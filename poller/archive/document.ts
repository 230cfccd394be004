import { type ArchivedMail, EMAIL_ID_HEADER } from "@playground/shared/email";
import { TimeLimit } from "@playground/shared/time";
import { Binary, BSON } from "mongodb";
import {
  type Arrival,
  contentAddress,
  type MailContent,
  type MailHeader,
  mailHeaderReader,
  readMail,
} from "../mail/mod.ts";

/** One arrival of the mail in the inbox. */
export interface Delivery {
  readonly mailtrapId: number;
  readonly receivedAt: Date;
}

/** A mail in the archive, without its deliveries: what its content determines. */
export interface ArchiveDocument extends MailContent {
  /** Its content address. */
  readonly _id: string;
  /** The email's id, where the mail came from our emailer. */
  readonly emailId: string | null;
  /** All headers in their order; encoded words are left as they are. */
  readonly headers: readonly MailHeader[];
  /** The mail as received; left out above a document's maximum size. */
  readonly raw: Binary | null;
  readonly rawOmitted: boolean;
  /** The size of the mail as it was received. */
  readonly sizeBytes: number;
  /** Why this may be only a part of the mail, if it may. */
  readonly doubt: string | null;
  readonly storedAt: Date;
  /** The trace that brought the mail here, as the mail claims. */
  readonly trace: { readonly traceId: string; readonly spanId: string } | null;
  /** The trace of the poll that stored it first. */
  readonly pollTraceId: string | null;
}

/** A document as it stands in the database. */
export interface StoredDocument extends Omit<ArchiveDocument, "authors"> {
  /** All authors; documents of earlier versions name only the first. */
  readonly authors?: ArchiveDocument["authors"];
  readonly deliveries: readonly Delivery[];
}

interface ArchiveContext {
  readonly storedAt: Date;
  readonly pollTraceId: string | null;
  /** Why the mail may be incomplete. @default it is complete */
  readonly doubt?: string | undefined;
}

/** A mail of 15 MB takes seconds. One that takes longer is archived unread, so that it does not hold up the others. */
const READ_TIMEOUT_MS = 60_000;
/** A mail with more bytes is archived without them: MongoDB takes documents of at most 16 MiB. */
export const MAX_RAW_BYTES = 15_000_000;
/** The largest new document; the rest of the 16 MiB is for its deliveries. */
const MAX_DOCUMENT_BYTES = 16_000_000;
/** Fields left out, one by one, of a document that is still too large: the raw bytes contain them. */
const OMISSIONS: readonly Partial<ArchiveDocument>[] = [
  { html: null },
  { text: null },
  { attachments: [] },
  { headers: [] },
  { to: [], authors: [], from: null, subject: null, messageId: null, emailId: null },
];

/** Reads a mail. An unreadable one is still kept, with its headers and its bytes. */
export async function toArchiveDocument(
  mail: Arrival,
  { storedAt, pollTraceId, doubt }: ArchiveContext,
): Promise<ArchiveDocument> {
  const { raw, headers, origin } = mail;
  const spanContext = origin?.spanContext ?? null;
  const rawOmitted = raw.length > MAX_RAW_BYTES;
  using timeLimit = new TimeLimit(READ_TIMEOUT_MS);
  return withinSize({
    _id: await contentAddress(mail),
    emailId: mailHeaderReader(headers)(EMAIL_ID_HEADER.toLowerCase()) ?? null,
    ...await readMail(mail, timeLimit.signal),
    headers,
    raw: rawOmitted ? null : new Binary(raw),
    rawOmitted,
    sizeBytes: raw.length,
    doubt: doubt ?? null,
    storedAt,
    trace: spanContext && { traceId: spanContext.traceId, spanId: spanContext.spanId },
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

/** Converts a document for callers: leaves out what the mail lacks, and writes times as ISO texts. */
export function toArchivedMail(document: Omit<StoredDocument, "raw">): ArchivedMail {
  const { _id, messageId, from, authors = [], to, subject, date, text, html } = document;
  return {
    documentId: _id,
    ...(messageId === null ? {} : { messageId }),
    ...(from === null ? {} : { from }),
    ...(authors.length < 2 ? {} : { authors }),
    ...(to.length === 0 ? {} : { to }),
    ...(subject === null ? {} : { subject }),
    ...(date === null ? {} : { date: date.toISOString() }),
    ...(text === null ? {} : { text }),
    ...(html === null ? {} : { html }),
    attachments: document.attachments.map(({ name, type, sizeBytes }) => ({
      ...(name === null ? {} : { name }),
      type,
      sizeBytes,
    })),
    headers: document.headers,
    sizeBytes: document.sizeBytes,
    storedAt: document.storedAt.toISOString(),
    deliveries: document.deliveries.map(({ mailtrapId, receivedAt }) => ({
      mailtrapId,
      receivedAt: receivedAt.toISOString(),
    })),
  };
}
