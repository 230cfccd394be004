import { getLogger } from "@logtape/logtape";
import { type Archive, MAX_RAW_BYTES, toArchiveDocument } from "./archive/mod.ts";
import { MailMemory } from "./mail_memory.ts";
import type { FetchedMail, Inbox, InboxMessage } from "./mailtrap/mod.ts";
import { type WaitingMail, WaitingMails } from "./waiting_mails.ts";

/** How many failed messages are remembered. After an outage it is all of them, and listing past them would reach the API's limit. */
const MAX_FAILED = 500;

export interface MessageHandlerOptions {
  readonly inbox: Inbox;
  readonly archive: Archive;
  readonly pollsPerHour: number;
  readonly pollTraceId: () => string | null;
}

interface MessageResult {
  readonly stored: boolean;
  /** Why it is not archived, or still in the inbox. */
  readonly failure?: string;
  readonly pauseMs?: number | undefined;
}

/** Moves messages from the inbox into the archive, and remembers those that stay in the inbox. */
export class MessageHandler {
  readonly #options: MessageHandlerOptions;
  readonly #memory = new MailMemory();
  readonly #waiting: WaitingMails;
  /** Messages that stay in the inbox on purpose; they are fetched once, not at every poll. */
  readonly #keptIds = new Set<number>();
  readonly #goneIds = new Set<number>();
  readonly #deletedIds = new Set<number>();
  readonly #failedIds = new Set<number>();

  constructor(options: MessageHandlerOptions) {
    this.#options = options;
    this.#waiting = new WaitingMails(options.pollsPerHour);
  }

  /** The mails that Mailtrap does not hand over or delete for certain. */
  get waitingMails(): readonly WaitingMail[] {
    return this.#waiting.all;
  }

  /** The messages that failed last when they were handled, in the order in which they failed. */
  get failedIds(): ReadonlySet<number> {
    return this.#failedIds;
  }

  /** Begins a poll. Returns the messages that it leaves alone. */
  beginPoll(): readonly number[] {
    return [...this.#keptIds, ...this.#waiting.beginPoll()];
  }

  forgetAllBut(ids: ReadonlySet<number>): void {
    for (const known of [this.#keptIds, this.#goneIds, this.#deletedIds, this.#failedIds]) {
      for (const id of known) if (!ids.has(id)) known.delete(id);
    }
    this.#waiting.forgetAllBut(ids);
  }

  /** Fetches a message, stores it and only then deletes it. A bug that it triggers must not hold up the others. */
  async handle(message: InboxMessage): Promise<MessageResult> {
    const { id } = message;
    const result = await this.#fetch(message).catch((error): MessageResult => {
      getLogger(["mail-poller"]).error("Cannot handle message {id}: {error}", { id, error });
      return { stored: false, failure: `message ${id} could not be handled: ${String(error)}` };
    });
    this.#failedIds.delete(id);
    if (result.failure !== undefined) this.#failedIds.add(id);
    const [first] = this.#failedIds;
    if (first !== undefined && this.#failedIds.size > MAX_FAILED) this.#failedIds.delete(first);
    return result;
  }

  async #fetch(message: InboxMessage): Promise<MessageResult> {
    const { id, sizeBytes } = message;
    using room = await this.#memory.take(sizeBytes);
    const fetched = await this.#options.inbox.fetch(message, room);
    switch (fetched.outcome) {
      case "ok":
        try {
          return await this.#store(message, fetched.value);
        } finally {
          // Frees the memory together with its reservation, not at the next garbage collection.
          fetched.value.mail.raw.buffer.transfer(0);
        }
      case "gone":
        if (this.#goneIds.has(id)) {
          // If a later list names the mail again, it was not taken.
          return this.#refuse(id, "Mailtrap lists it, and answers 404 when it is fetched");
        }
        // Another poller or a person took it.
        this.#goneIds.add(id);
        this.#waiting.forget(id);
        return { stored: false };
      case "refused":
      case "failed":
        // Without a pause, the failure may be permanent.
        if (fetched.pauseMs === undefined) return this.#refuse(id, fetched.reason);
        return { stored: false, failure: fetched.reason, pauseMs: fetched.pauseMs };
    }
  }

  #refuse(id: number, why: string): MessageResult {
    const failure = `message ${id}: ${why}`;
    this.#waiting.refuse(id, failure);
    return { stored: false, failure };
  }

  async #store(message: InboxMessage, { mail, doubt }: FetchedMail): Promise<MessageResult> {
    const { archive, pollTraceId } = this.#options;
    const { id, receivedAt } = message;
    const doubted = `message ${id}: ${doubt?.reason}`;
    if (doubt !== undefined && !this.#waiting.doubt(id, doubted, mail.raw)) {
      return { stored: false, failure: doubted };
    }
    const document = await toArchiveDocument(mail, {
      storedAt: new Date(),
      pollTraceId: pollTraceId(),
      doubt: doubt?.reason,
    });
    const stored = await archive.store(document, { mailtrapId: id, receivedAt }, mail.origin);
    if (stored.status === "failed") return { stored: false, failure: stored.reason };
    if (document.rawOmitted) {
      this.#keptIds.add(id);
      this.#waiting.forget(id);
      const failure = `message ${id} has ${document.sizeBytes} bytes, more than ` +
        `${MAX_RAW_BYTES}: it is archived without its raw bytes and stays in the inbox`;
      return { stored: true, failure };
    }
    if (doubt?.isKept) {
      this.#waiting.noteArchived(id);
      const failure = `${doubted}; it is archived as it is and stays in the inbox`;
      return { stored: true, failure };
    }
    const deleted = await this.#options.inbox.delete(message, mail.origin);
    const isDeleted = deleted.outcome === "ok" || deleted.outcome === "gone";
    if (isDeleted && !this.#deletedIds.has(id)) {
      this.#waiting.forget(id);
      this.#deletedIds.add(id);
      return { stored: true };
    }
    const why = isDeleted
      ? "Mailtrap answered before that it was deleted, and it was not"
      : deleted.reason;
    const failure = `message ${id}: ${why}; it is archived and stays in the inbox`;
    const pauseMs = isDeleted ? undefined : deleted.pauseMs;
    // Without a pause, the failure may be permanent, such as a token that may only read.
    if (pauseMs === undefined) this.#waiting.keep(id, failure);
    return { stored: true, failure, pauseMs };
  }
}
