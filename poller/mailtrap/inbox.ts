/** A message in the inbox, as the list tells of it. */
export interface InboxMessage {
  /** Mailtrap's number for it. Newer messages have higher ones. */
  readonly id: number;
  /** When Mailtrap received it. */
  readonly receivedAt: Date;
  /** Its size, where the list tells it. */
  readonly sizeBytes?: number | undefined;
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
  /** Tells it from the replies above. */
  readonly outcome: "failed";
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
  readonly list: (olderThan?: number) => Promise<InboxReply<readonly InboxMessage[]>>;
  /** Fetches a message as it was received. */
  readonly fetch: (message: InboxMessage) => Promise<InboxReply<Uint8Array>>;
  /** Deletes a message. One that is gone already is as good as deleted. */
  readonly delete: (message: InboxMessage) => Promise<InboxReply<void>>;
}
