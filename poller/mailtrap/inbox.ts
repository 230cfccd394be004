import type { Arrival, MailOrigin } from "../mail/mod.ts";

export interface InboxMessage {
  /** Mailtrap's number for it. Newer messages have higher ones. */
  readonly id: number;
  readonly receivedAt: Date;
  /** Its size in the list, if given: a hint, which may differ from the fetched length. */
  readonly sizeBytes?: number | undefined;
  /** Its subject in the list, decoded, if given. */
  readonly subject?: string | undefined;
}

export interface InboxPage {
  readonly messages: readonly InboxMessage[];
  /** The lowest id on it, that of a message or not; infinite if there is none. */
  readonly oldestId: number;
  /** How many items are not messages, if any, and why the first one is not. */
  readonly problem: string | undefined;
}

export interface FetchedMail {
  readonly mail: Arrival;
  /** Why it may not be the mail, or not all of it; absent if it certainly is. */
  readonly doubt?: MailDoubt | undefined;
}

export interface MailDoubt {
  readonly reason: string;
  /** Whether the message stays in the inbox even when equal answers are archived. */
  readonly isKept: boolean;
}

export interface MailRoom {
  /** Resolves when this many bytes in all may be held. */
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
  /** Another poller or a person was faster. Nothing is left to do. */
  | { readonly outcome: "gone"; readonly request: InboxRequest }
  | InboxFailure;

export interface InboxFailure {
  /**
   * `failed`: there was no answer, or an error. `refused`: the status says success, but the content is missing; other messages
   * may be fine.
   */
  readonly outcome: "failed" | "refused";
  readonly reason: string;
  readonly request: InboxRequest;
  /** How long to pause, as the API asked or after a limit was hit, in milliseconds. */
  readonly pauseMs?: number | undefined;
}

export interface Inbox {
  /** Newest first. */
  readonly list: (olderThan?: number) => Promise<InboxReply<InboxPage>>;
  readonly fetch: (message: InboxMessage, room: MailRoom) => Promise<InboxReply<FetchedMail>>;
  /** Deletes a message. A missing one counts as deleted. */
  readonly delete: (message: InboxMessage, origin?: MailOrigin) => Promise<InboxReply<void>>;
}
