import type { Arrival, MailOrigin } from "../mail/mod.ts";

/** A message in the inbox, as the list tells of it. */
export interface InboxMessage {
  /** Mailtrap's number for it. Newer messages have higher ones. */
  readonly id: number;
  /** When Mailtrap received it. */
  readonly receivedAt: Date;
  /** Its size, where the list tells it: a hint, since nothing says that it is the length of the mail as it is fetched. */
  readonly sizeBytes?: number | undefined;
}

/** A part of the inbox's list. */
export interface InboxPage {
  /** The messages, newest first. */
  readonly messages: readonly InboxMessage[];
  /** What is wrong with the items that are no messages; one entry for each. */
  readonly problems: readonly string[];
}

/** A mail as it was fetched. */
export interface FetchedMail {
  /** The mail. */
  readonly mail: Arrival;
  /** Why it may be a part of the mail only; absent where it is whole for certain. */
  readonly doubt?: MailDoubt | undefined;
}

/** Why a mail may not be whole. */
export interface MailDoubt {
  /** In words, for a span or a log. */
  readonly reason: string;
  /** Whether HTTP showed the end of the answer. */
  readonly isEndShown: boolean;
}

/** The memory that a mail takes. */
export interface MailRoom {
  /** Resolves when so many bytes in all may be held. */
  readonly resize: (sizeBytes: number) => void | Promise<void>;
}

/** The request that a reply answers, for the span. */
export interface InboxRequest {
  /** `GET` or `DELETE`. */
  readonly method: string;
  /** The whole address. */
  readonly url: string;
  /** The status of the answer; absent when there was none. */
  readonly status?: number | undefined;
}

/** What the API answered. */
export type InboxReply<Value> =
  | { readonly outcome: "ok"; readonly value: Value; readonly request: InboxRequest }
  /** Somebody else was faster: another poller, or a person. Nothing is left to do. */
  | { readonly outcome: "gone"; readonly request: InboxRequest }
  | InboxFailure;

/** A request that failed. */
export interface InboxFailure {
  /**
   * `failed`: there was no answer, or one that says so. `refused`: the status says success, and what was asked for is not there; another
   * message may well be.
   */
  readonly outcome: "failed" | "refused";
  /** Why, for a span or a log. */
  readonly reason: string;
  /** The request. */
  readonly request: InboxRequest;
  /** How long to leave the API alone, where it said so or where a limit was hit, in milliseconds. */
  readonly pauseMs?: number | undefined;
}

/** An inbox whose messages can be listed, fetched and deleted. */
export interface Inbox {
  /** Lists messages, newest first. */
  readonly list: (olderThan?: number) => Promise<InboxReply<InboxPage>>;
  /** Fetches a message as it was received. */
  readonly fetch: (message: InboxMessage, room: MailRoom) => Promise<InboxReply<FetchedMail>>;
  /** Deletes a message. One that is gone already is as good as deleted. */
  readonly delete: (
    message: InboxMessage,
    /** The trace that the mail says it belongs to. */
    origin?: MailOrigin,
  ) => Promise<InboxReply<void>>;
}
