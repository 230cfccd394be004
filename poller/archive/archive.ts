import type { ArchivedMail } from "@playground/shared/email";
import type { MailOrigin } from "../mail/mod.ts";
import type { ArchiveDocument, Delivery } from "./document.ts";

/** The outcome of a document. */
export type StoreOutcome =
  /** A majority of the database has it. `isNew` is false for a mail that was already stored. */
  | { readonly status: "stored"; readonly isNew: boolean }
  | { readonly status: "failed"; readonly reason: string };

/** Keeps mails. */
export interface Archive {
  /** Stores a document, or adds the delivery to the existing one. */
  readonly store: (
    document: ArchiveDocument,
    delivery: Delivery,
    /** The trace named in the mail. */
    origin?: MailOrigin,
  ) => Promise<StoreOutcome>;
}

export type ReadOutcome =
  | { readonly status: "found"; readonly mail: ArchivedMail }
  | { readonly status: "unknown" }
  | { readonly status: "failed"; readonly reason: string };

export interface ArchiveReader {
  /** Reads a mail, without its bytes. */
  readonly read: (documentId: string) => Promise<ReadOutcome>;
}
