import type { ArchivedMail } from "@playground/shared/email";
import type { StoredDocument } from "./document.ts";

/** Shows a document of the archive to others: what the mail does not have is left out, times are ISO texts. */
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
      ...(name === null ? {} : { filename: name }),
      contentType: type,
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
