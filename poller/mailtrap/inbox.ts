import type { Arrival, MailOrigin } from "../mail/mod.ts";

export interface InboxMessage {
  /** Mailtrap's number for it. Newer messages have higher ones. */
  readonly id: number;
  readonly receivedAt: Date;
  /** Its size, where the list tells it: a hint, since nothing says that it is the length of the mail as it is fetched. */
  readonly sizeBytes?: number | undefined;
}

export interface InboxPage {
  readonly messages: readonly InboxMessage[];
  /** What is wrong with the items that are no messages; one entry for each. */
  readonly problems: readonly string[];
}

export interface FetchedMail {
  readonly mail: Arrival;
  /** Why it may be a part of the mail only; absent where it is whole for certain. */
  readonly doubt?: MailDoubt | undefined;
}

export interface MailDoubt {
  readonly reason: string;
  /** Whether HTTP showed the end of the answer. */
  readonly isEndShown: boolean;
}

export interface MailRoom {
  /** Resolves when so many bytes in all may be held. */
  readonly resize: (sizeBytes: number) => void | Promise<void>;
}

/** For the span. */
export interface InboxRequest {
  readonly method: string;
  readonly url: string;
  /** Absent when there was no answer. */
  readonly status?: number | undefined;
}

export type InboxReply<Value> =
  | { readonly outcome: "ok"; readonly value: Value; readonly request: InboxRequest }
  /** Somebody else was faster: another poller, or a person. Nothing is left to do. */
  | { readonly outcome: "gone"; readonly request: InboxRequest }
  | InboxFailure;

export interface InboxFailure {
  /**
   * `failed`: there was no answer, or one that says so. `refused`: the status says success, and what was asked for is not there; another
   * message may well be.
   */
  readonly outcome: "failed" | "refused";
  readonly reason: string;
  readonly request: InboxRequest;
  /** How long to leave the API alone, where it said so or where a limit was hit, in milliseconds. */
  readonly pauseMs?: number | undefined;
}

export interface Inbox {
  /** Newest first. */
  readonly list: (olderThan?: number) => Promise<InboxReply<InboxPage>>;
  readonly fetch: (message: InboxMessage, room: MailRoom) => Promise<InboxReply<FetchedMail>>;
  /** Deletes a message. One that is gone already is as good as deleted. */
  readonly delete: (message: InboxMessage, origin?: MailOrigin) => Promise<InboxReply<void>>;
}
