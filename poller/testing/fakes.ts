import type { Archive, ArchiveDocument, Delivery, StoreOutcome } from "../archive/mod.ts";
import { type MailOrigin, receiveMail } from "../mail/mod.ts";
import type {
  FetchedMail,
  Inbox,
  InboxFailure,
  InboxMessage,
  InboxPage,
  InboxReply,
  MailDoubt,
  MailRoom,
} from "../mailtrap/mod.ts";
import type { PollResult } from "../poll.ts";
import { mailOf } from "./mails.ts";

const URL = "https://mailtrap.example/api/sandboxes/1/messages";

export const NOTHING_FOUND: PollResult = {
  foundCount: 0,
  storedCount: 0,
  failures: [],
  waitingMails: [],
  pauseMs: 0,
};

export const ENOUGH_ROOM: MailRoom = { resize: () => {} };

const MESSAGE: InboxMessage = { id: 1, receivedAt: new Date(0) };

export const OPERATIONS = {
  list: (inbox: Inbox) => inbox.list(),
  fetch: (inbox: Inbox) => inbox.fetch(MESSAGE, ENOUGH_ROOM),
  delete: (inbox: Inbox) => inbox.delete(MESSAGE),
} as const;

export type Fault = Partial<InboxFailure> & Pick<InboxFailure, "reason"> | "gone" | Error;

/** An inbox in memory that pages like Mailtrap's, records each request, and fails on demand. */
export class FakeInbox implements Inbox {
  /** Each request: `list`, `list <7`, `fetch 7`, `delete 7`. */
  readonly requests: string[] = [];
  readonly faults = new Map<string, Fault>();
  readonly mails = new Map<number, Uint8Array<ArrayBuffer>>();
  readonly doubts = new Map<number, MailDoubt>();
  listProblem: string | undefined;
  /** Messages whose items in the list have no other usable member. */
  readonly unusableIds = new Set<number>();
  readonly #pageSize: number;

  constructor(mails: readonly Uint8Array<ArrayBuffer>[] | number, pageSize = 30) {
    const list = typeof mails === "number"
      ? Array.from({ length: mails }, (_, index) => mailOf({ body: `Body ${index + 1}` }))
      : mails;
    list.forEach((mail, index) => this.mails.set(index + 1, mail));
    this.#pageSize = pageSize;
  }

  /** The numbers of the messages that are left, newest first. */
  get ids(): readonly number[] {
    return [...this.mails.keys()].toSorted((a, b) => b - a);
  }

  count(prefix: string): number {
    return this.requests.filter((request) => request.startsWith(prefix)).length;
  }

  list(olderThan?: number): Promise<InboxReply<InboxPage>> {
    return this.#answer(olderThan === undefined ? "list" : `list <${olderThan}`, () => {
      const ids = this.ids.filter((id) => id < (olderThan ?? Infinity)).slice(0, this.#pageSize);
      return {
        messages: ids.filter((id) => !this.unusableIds.has(id))
          .map((id) => ({ id, receivedAt: new Date(id * 1000) })),
        oldestId: Math.min(...ids),
        problem: this.listProblem,
      };
    });
  }

  fetch({ id }: InboxMessage): Promise<InboxReply<FetchedMail>> {
    return this.#answer(`fetch ${id}`, () => ({
      mail: receiveMail(this.mails.get(id)?.slice() ?? new Uint8Array()),
      doubt: this.doubts.get(id),
    }));
  }

  delete({ id }: InboxMessage): Promise<InboxReply<void>> {
    return this.#answer(`delete ${id}`, () => {
      this.mails.delete(id);
    });
  }

  async #answer<Value>(name: string, value: () => Value): Promise<InboxReply<Value>> {
    this.requests.push(name);
    // A request takes time, so that others can interleave.
    await Promise.resolve();
    const method = name.startsWith("delete") ? "DELETE" : "GET";
    const fault = this.faults.get(name);
    if (fault instanceof Error) throw fault;
    if (fault === "gone") return { outcome: "gone", request: { method, url: URL, status: 404 } };
    if (fault !== undefined) {
      return { outcome: "failed", request: { method, url: URL, status: 500 }, ...fault };
    }
    return { outcome: "ok", value: value(), request: { method, url: URL, status: 200 } };
  }
}

export class FakeArchive implements Archive {
  readonly stored: {
    readonly document: ArchiveDocument;
    readonly delivery: Delivery;
    readonly origin: MailOrigin | undefined;
  }[] = [];
  /** The outcome of each document; stored by default. */
  outcomeOf: (
    document: ArchiveDocument,
    delivery: Delivery,
  ) => StoreOutcome | Promise<StoreOutcome> = () => ({ status: "stored", isNew: true });

  async store(
    document: ArchiveDocument,
    delivery: Delivery,
    origin?: MailOrigin,
  ): Promise<StoreOutcome> {
    const outcome = await this.outcomeOf(document, delivery);
    if (outcome.status === "stored") this.stored.push({ document, delivery, origin });
    return outcome;
  }
}
