import type { ArchivedMail } from "@playground/shared/email";
import type { MailOrigin } from "../mail/mod.ts";
import type { ArchiveDocument, Delivery } from "./document.ts";

/** What became of a document. */
export type StoreOutcome =
  /** A majority of the database has it. `isNew` is false when the mail was there already. */
  | { readonly status: "stored"; readonly isNew: boolean }
  | { readonly status: "failed"; readonly reason: string };

/** Whether the archive is there. */
export type PingOutcome =
  | { readonly status: "answered" }
  | { readonly status: "failed"; readonly reason: string };

/** Keeps mails. */
export interface Archive {
  /** Stores a document, or adds the delivery to the one that is there. */
  readonly store: (
    document: ArchiveDocument,
    delivery: Delivery,
    /** The trace that the mail says it belongs to. */
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
