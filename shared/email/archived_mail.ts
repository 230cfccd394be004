import { z } from "zod";

/** Empty if the mail has none. */
const mailbox = z.object({ address: z.string(), name: z.string() }).readonly();

/**
 * A mail in the archive, as the mail poller shows it to the message server, which passes it on to its callers: everything stored
 * except the bytes, under the names in the database. Members that the mail lacks are left out.
 */
export const archivedMail = z.object({
  /** Its content address, the `_id` of the document. */
  documentId: z.string(),
  /** The Message-ID, in angle brackets. */
  messageId: z.string().optional(),
  from: mailbox.optional(),
  /** All authors, where there are several. */
  authors: z.array(mailbox).readonly().optional(),
  to: z.array(mailbox).readonly().optional(),
  /** Decoded. */
  subject: z.string().optional(),
  date: z.iso.datetime().optional(),
  /** Decoded. */
  text: z.string().optional(),
  /** Decoded, and as hostile as its sender made it. */
  html: z.string().optional(),
  attachments: z.array(
    z.object({
      name: z.string().optional(),
      type: z.string(),
      sizeBytes: z.int(),
    }).readonly(),
  ).readonly(),
  /** All headers in their order; encoded words are not decoded. */
  headers: z.array(z.object({ name: z.string(), value: z.string() }).readonly()).readonly(),
  /** The size of the mail as it was received. */
  sizeBytes: z.int(),
  /** When it was stored first. */
  storedAt: z.iso.datetime(),
  /** Its arrivals in the inbox. */
  deliveries: z.array(
    z.object({ mailtrapId: z.number(), receivedAt: z.iso.datetime() }).readonly(),
  ).readonly(),
}).readonly();

/** A mail in the archive; see {@linkcode archivedMail}. */
export type ArchivedMail = z.output<typeof archivedMail>;

/** Whether a text can be the id of a mail in the archive: a SHA-256 in lower-case hexadecimal digits. */
export function isDocumentId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
