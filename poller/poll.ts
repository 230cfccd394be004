import { getLogger } from "@logtape/logtape";
import type { InboxMessage } from "./mailtrap/mod.ts";
import { MessageHandler, type MessageHandlerOptions } from "./message_handler.ts";
import type { WaitingMail } from "./waiting_mails.ts";

export interface PollOptions extends MessageHandlerOptions {
  /** How many messages are handled at once, as far as there is memory for them. */
  readonly concurrency: number;
  /** Ends a poll after the messages in hand; what is left waits for the next one, of this poller or another. */
  readonly signal: AbortSignal;
  /** Whether a poll is logged that found nothing and in which nothing failed, as most do. */
  readonly logsEmptyPolls: boolean;
}

/** What came of one poll. */
export interface PollResult {
  readonly foundCount: number;
  readonly storedCount: number;
  /** Why some are not, or are still in the inbox; one entry for each. */
  readonly failures: readonly string[];
  /** The mails that are still in the inbox because Mailtrap did not hand them over for certain. */
  readonly waitingMails: readonly WaitingMail[];
  /** How long to leave the API alone. */
  readonly pauseMs: number;
}

/** Empties the inbox into the archive, once. */
export type Poll = () => Promise<PollResult>;

/** Each message is fetched, stored and only then deleted. One that fails holds up no other. */
export function createPoll(options: PollOptions): Poll {
  const handler = new MessageHandler(options);
  return async () => {
    const result = await new PollRun(options, handler).run();
    const isEmpty = result.foundCount === 0 && result.failures.length === 0;
    if (!isEmpty || options.logsEmptyPolls) logPoll(result);
    return result;
  };
}

function logPoll({ foundCount, storedCount, failures }: PollResult): void {
  const logger = getLogger(["mail-poller"]);
  logger.info("Archived {stored} of {found} messages", { stored: storedCount, found: foundCount });
  for (const reason of failures) logger.warn("{reason}", { reason });
}

/** One poll, and what has come of it so far. */
class PollRun {
  readonly #options: PollOptions;
  readonly #handler: MessageHandler;
  readonly #handledIds: Set<number>;
  readonly #seenIds = new Set<number>();
  readonly #failures: string[] = [];
  /** The list is read several times in a poll; what is wrong with it is said once. */
  #listProblems: readonly string[] = [];
  #foundCount = 0;
  #storedCount = 0;
  #pauseMs = 0;

  constructor(options: PollOptions, handler: MessageHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#handledIds = new Set(handler.beginPoll());
  }

  async run(): Promise<PollResult> {
    let olderThan: number | undefined;
    while (!this.#isOver) {
      const listed = await this.#list(olderThan);
      if (listed === undefined) break;
      const oldestId = Math.min(...listed.map(({ id }) => id));
      // The end; or an API that does not look behind a number, which would show the same page forever.
      if (listed.length === 0 || (olderThan !== undefined && oldestId >= olderThan)) {
        this.#handler.forgetAllBut(this.#seenIds);
        break;
      }
      const messages = listed.filter(({ id }) => !this.#handledIds.has(id));
      // What is left on this page stays there: look behind it. By number, since deleting moves the page's borders.
      if (messages.length === 0) olderThan = oldestId;
      else await this.#handleAll(messages);
    }
    return this.#result();
  }

  /** The API asked for a pause, or the poller stops: what is left waits for the next poll. */
  get #isOver(): boolean {
    return this.#pauseMs > 0 || this.#options.signal.aborted;
  }

  /** Lists messages, newest first; `undefined` if that fails. */
  async #list(olderThan: number | undefined): Promise<readonly InboxMessage[] | undefined> {
    const page = await this.#options.inbox.list(olderThan);
    if (page.outcome !== "ok") {
      this.#failures.push(page.outcome === "gone" ? "the inbox is gone" : page.reason);
      if (page.outcome !== "gone") this.#pauseMs = Math.max(this.#pauseMs, page.pauseMs ?? 0);
      return undefined;
    }
    const { messages, problems } = page.value;
    if (problems.length > this.#listProblems.length) this.#listProblems = problems;
    for (const { id } of messages) this.#seenIds.add(id);
    return messages;
  }

  async #handleAll(messages: readonly InboxMessage[]): Promise<void> {
    this.#foundCount += messages.length;
    // All workers take from one iterator, so that each message is taken once.
    const queue = messages.values();
    const worker = async () => {
      for (const message of queue) await this.#handle(message);
    };
    await Promise.all(Array.from({ length: this.#options.concurrency }, worker));
  }

  async #handle(message: InboxMessage): Promise<void> {
    // The list may name one twice.
    if (this.#isOver || this.#handledIds.has(message.id)) return;
    this.#handledIds.add(message.id);
    const handled = await this.#handler.handle(message);
    if (handled.outcome === "stored") this.#storedCount++;
    if (handled.outcome !== "failed") return;
    if (handled.stored) this.#storedCount++;
    this.#failures.push(handled.reason);
    this.#pauseMs = Math.max(this.#pauseMs, handled.pauseMs ?? 0);
  }

  #result(): PollResult {
    return {
      foundCount: this.#foundCount,
      storedCount: this.#storedCount,
      failures: [...this.#failures, ...this.#listProblems],
      waitingMails: this.#handler.waitingMails,
      pauseMs: this.#pauseMs,
    };
  }
}
