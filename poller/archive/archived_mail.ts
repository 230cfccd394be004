import type { ArchivedMail } from "@playground/shared/email";
import type { ArchiveDocument, Delivery } from "./document.ts";

/** A document as it is read back: without the bytes of the mail. */
export type ReadDocument = Omit<ArchiveDocument, "raw" | "authors"> & {
  /** The authors; documents of earlier versions name the first alone. */
  readonly authors?: ArchiveDocument["authors"];
  /** Its arrivals in the inbox. */
  readonly deliveries: readonly Delivery[];
};

/**
 * Shows a document of the archive to others: what the mail does not have is left out, times are ISO texts.
 */
export function toArchivedMail(document: ReadDocument): ArchivedMail {
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
