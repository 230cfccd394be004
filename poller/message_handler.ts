import { getLogger } from "@logtape/logtape";
import { type Archive, MAX_RAW_BYTES, toArchiveDocument } from "./archive/mod.ts";
import { MailMemory } from "./mail_memory.ts";
import type { FetchedMail, Inbox, InboxMessage } from "./mailtrap/mod.ts";
import { type WaitingMail, WaitingMails } from "./waiting_mails.ts";

export interface MessageHandlerOptions {
  readonly inbox: Inbox;
  readonly archive: Archive;
  readonly pollsPerHour: number;
  /** The trace of the poll itself. */
  readonly pollTraceId: () => string | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

type MessageResult =
  | { readonly outcome: "stored" }
  /** Somebody else took it. */
  | { readonly outcome: "gone" }
  | {
    readonly outcome: "failed";
    readonly reason: string;
    readonly stored: boolean;
    readonly pauseMs?: number | undefined;
  };

/** Brings messages from the inbox into the archive, and remembers from poll to poll those that stay in the inbox. */
export class MessageHandler {
  readonly #options: MessageHandlerOptions;
  readonly #memory = new MailMemory();
  readonly #waiting: WaitingMails;
  /** Messages that stay in the inbox on purpose; they are fetched once, not at every poll. */
  readonly #keptIds = new Set<number>();
  /** Messages that were gone when they were to be fetched. */
  readonly #goneIds = new Set<number>();

  constructor(options: MessageHandlerOptions) {
    this.#options = options;
    this.#waiting = new WaitingMails(options.pollsPerHour);
  }

  /** The mails that are still in the inbox because Mailtrap did not hand them over for certain. */
  get waitingMails(): readonly WaitingMail[] {
    return this.#waiting.all;
  }

  /** Begins a poll. Returns the messages that it leaves alone. */
  beginPoll(): readonly number[] {
    return [...this.#keptIds, ...this.#waiting.beginPoll()];
  }

  /** Forgets what is not in the inbox any more: it comes no more. */
  forgetAllBut(ids: ReadonlySet<number>): void {
    for (const known of [this.#keptIds, this.#goneIds]) {
      for (const id of known) if (!ids.has(id)) known.delete(id);
    }
    this.#waiting.forgetAllBut(ids);
  }

  /** Fetches a message, stores it and only then deletes it. A bug that it brings to light must not hold up the others. */
  async handle(message: InboxMessage): Promise<MessageResult> {
    try {
      return await this.#fetch(message);
    } catch (error) {
      const { id } = message;
      getLogger(["mail-poller"]).error("Cannot handle message {id}: {error}", { id, error });
      return failed(`message ${id} could not be handled: ${String(error)}`);
    }
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
          // Frees the memory now, as the room is, and not when the garbage collector comes by.
          fetched.value.mail.raw.buffer.transfer(0);
        }
      case "gone":
        if (this.#goneIds.has(id)) {
          // Nobody has taken it, if a later list names it again.
          return this.#refuse(id, "Mailtrap lists it, and answers 404 when it is fetched");
        }
        this.#goneIds.add(id);
        this.#waiting.forget(id);
        return { outcome: "gone" };
      case "refused":
        return this.#refuse(id, fetched.reason);
      case "failed":
        return { ...fetched, outcome: "failed", stored: false };
    }
  }

  #refuse(id: number, why: string): MessageResult {
    const reason = `message ${id}: ${why}`;
    this.#waiting.refuse(id, reason);
    return failed(reason);
  }

  async #store(message: InboxMessage, { mail, doubt }: FetchedMail): Promise<MessageResult> {
    const { archive, now, pollTraceId } = this.#options;
    const { id, receivedAt } = message;
    const doubted = `message ${id}: ${doubt?.reason}`;
    if (doubt !== undefined && this.#waiting.doubt(id, doubted, mail.raw) !== "archive") {
      return failed(doubted);
    }
    const document = await toArchiveDocument(mail, {
      storedAt: new Date(now()),
      pollTraceId: pollTraceId(),
      doubt: doubt?.reason,
    });
    const stored = await archive.store(document, { mailtrapId: id, receivedAt }, mail.origin);
    if (stored.status === "failed") return failed(stored.reason);
    if (document.rawOmitted) {
      this.#keptIds.add(id);
      this.#waiting.forget(id);
      const reason = `message ${id} has ${document.sizeBytes} bytes, more than ` +
        `${MAX_RAW_BYTES}: it is archived without its raw bytes and stays in the inbox`;
      return { outcome: "failed", reason, stored: true };
    }
    if (doubt?.isEndShown === false) {
      this.#waiting.noteArchived(id);
      const reason = `${doubted}; it is archived as it is and stays in the inbox`;
      return { outcome: "failed", reason, stored: true };
    }
    const deleted = await this.#options.inbox.delete(message, mail.origin);
    if (deleted.outcome === "failed" || deleted.outcome === "refused") {
      return { ...deleted, outcome: "failed", stored: true };
    }
    this.#waiting.forget(id);
    return { outcome: "stored" };
  }
}

function failed(reason: string): MessageResult {
  return { outcome: "failed", reason, stored: false };
}
