import { getLogger } from "@logtape/logtape";
import { type Archive, MAX_RAW_BYTES, toArchiveDocument } from "./archive/mod.ts";
import { forEachConcurrently } from "./concurrency.ts";
import { MailMemory } from "./mail_memory.ts";
import type { FetchedMail, Inbox, InboxMessage } from "./mailtrap/mod.ts";
import { type WaitingMail, WaitingMails } from "./waiting_mails.ts";

/** What one poll needs. */
export interface PollOptions {
  /** Where the mails are. */
  readonly inbox: Inbox;
  /** Where they go. */
  readonly archive: Archive;
  /** How many messages are handled at once, as far as there is memory for them. */
  readonly concurrency: number;
  /** How many polls there are in an hour. */
  readonly pollsPerHour: number;
  /** The trace of the poll itself. */
  readonly pollTraceId: () => string | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Ends a poll after the messages in hand; what is left waits for the next one, of this poller or another. */
  readonly signal: AbortSignal;
}

/** What came of one poll. */
export interface PollResult {
  /** How many messages were found. */
  readonly foundCount: number;
  /** How many of them are in the archive now. */
  readonly storedCount: number;
  /** Why some are not, or are still in the inbox; one entry for each. */
  readonly failures: readonly string[];
  /** The mails that are still in the inbox because Mailtrap did not hand them over for certain. */
  readonly waitingMails: readonly WaitingMail[];
  /** How long to leave the API alone, in milliseconds. */
  readonly pauseMs: number;
}

/** Empties the inbox into the archive, once. */
export type Poll = () => Promise<PollResult>;

/** What became of one message. */
type MessageResult =
  | { readonly outcome: "stored" }
  | { readonly outcome: "gone" }
  | {
    readonly outcome: "failed";
    readonly reason: string;
    readonly stored: boolean;
    readonly pauseMs?: number | undefined;
  };

/**
 * Makes the function that polls: each message is fetched, stored and only then deleted. One that fails holds up no other.
 */
export function createPoll(options: PollOptions): Poll {
  const { inbox, archive, concurrency, now } = options;
  const logger = getLogger(["mail-poller"]);
  const memory = new MailMemory();
  const waiting = new WaitingMails(options.pollsPerHour);
  /** Messages that stay in the inbox on purpose; they are fetched once, not at every poll. */
  const keptIds = new Set<number>();
  /** Messages that were gone when they were to be fetched. */
  const goneIds = new Set<number>();

  const handle = async (message: InboxMessage): Promise<MessageResult> => {
    using room = await memory.take(message.sizeBytes);
    const fetched = await inbox.fetch(message, room);
    switch (fetched.outcome) {
      case "ok":
        try {
          return await handleMail(message, fetched.value);
        } finally {
          // Frees the memory now, as the room is, and not when the garbage collector comes by.
          fetched.value.mail.raw.buffer.transfer(0);
        }
      case "gone": {
        if (!goneIds.has(message.id)) {
          goneIds.add(message.id);
          waiting.forget(message.id);
          return { outcome: "gone" };
        }
        // Nobody has taken it, if a later list names it again.
        const reason =
          `message ${message.id}: Mailtrap lists it, and answers 404 when it is fetched`;
        waiting.refuse(message.id, reason);
        return { outcome: "failed", reason, stored: false };
      }
      case "refused": {
        const reason = `message ${message.id}: ${fetched.reason}`;
        waiting.refuse(message.id, reason);
        return { outcome: "failed", reason, stored: false };
      }
      case "failed":
        return { ...fetched, outcome: "failed", stored: false };
    }
  };

  const handleMail = async (
    message: InboxMessage,
    { mail, doubt }: FetchedMail,
  ): Promise<MessageResult> => {
    const { id, receivedAt } = message;
    const doubted = `message ${id}: ${doubt?.reason}`;
    if (doubt !== undefined && waiting.doubt(id, doubted, mail.raw) !== "archive") {
      return { outcome: "failed", reason: doubted, stored: false };
    }
    const document = await toArchiveDocument(mail, {
      storedAt: new Date(now()),
      pollTraceId: options.pollTraceId(),
      doubt: doubt?.reason,
    });
    const stored = await archive.store(document, { mailtrapId: id, receivedAt }, mail.origin);
    if (stored.status === "failed") {
      return { outcome: "failed", reason: stored.reason, stored: false };
    }
    if (document.rawOmitted) {
      keptIds.add(id);
      waiting.forget(id);
      const reason = `message ${id} has ${document.sizeBytes} bytes, more than ` +
        `${MAX_RAW_BYTES}: it is archived without its raw bytes and stays in the inbox`;
      return { outcome: "failed", reason, stored: true };
    }
    if (doubt?.isEndShown === false) {
      waiting.noteArchived(id);
      const reason = `${doubted}; it is archived as it is and stays in the inbox`;
      return { outcome: "failed", reason, stored: true };
    }
    const deleted = await inbox.delete(message, mail.origin);
    if (deleted.outcome === "failed" || deleted.outcome === "refused") {
      return { ...deleted, outcome: "failed", stored: true };
    }
    waiting.forget(id);
    return { outcome: "stored" };
  };

  /** A bug that one message brings to light must not hold up the others. */
  const handleSafely = async (message: InboxMessage): Promise<MessageResult> => {
    try {
      return await handle(message);
    } catch (error) {
      logger.error("Cannot handle message {id}: {error}", { id: message.id, error });
      const reason = `message ${message.id} could not be handled: ${String(error)}`;
      return { outcome: "failed", reason, stored: false };
    }
  };

  return async () => {
    const handledIds = new Set([...keptIds, ...waiting.beginPoll()]);
    const seenIds = new Set<number>();
    const failures: string[] = [];
    /** The list is read several times in a poll; what is wrong with it is said once. */
    let listProblems: readonly string[] = [];
    let foundCount = 0;
    let storedCount = 0;
    let pauseMs = 0;
    let olderThan: number | undefined;
    // The API asked for a pause, or the poller stops: what is left waits for the next poll.
    const isOver = () => pauseMs > 0 || options.signal.aborted;
    const result = () => ({
      foundCount,
      storedCount,
      failures: [...failures, ...listProblems],
      waitingMails: waiting.all,
      pauseMs,
    });
    for (;;) {
      const page = await inbox.list(olderThan);
      if (page.outcome !== "ok") {
        failures.push(page.outcome === "gone" ? "the inbox is gone" : page.reason);
        if (page.outcome !== "gone") pauseMs = Math.max(pauseMs, page.pauseMs ?? 0);
        return result();
      }
      const { messages: listed, problems } = page.value;
      if (problems.length > listProblems.length) listProblems = problems;
      for (const { id } of listed) seenIds.add(id);
      const oldestId = Math.min(...listed.map(({ id }) => id));
      // The end; or an API that does not look behind a number, which would show the same page forever.
      if (listed.length === 0 || (olderThan !== undefined && oldestId >= olderThan)) {
        // The whole inbox was seen: what is not there any more comes no more.
        for (const ids of [keptIds, goneIds]) {
          for (const id of ids) if (!seenIds.has(id)) ids.delete(id);
        }
        waiting.forgetAllBut(seenIds);
        return result();
      }
      const messages = listed.filter(({ id }) => !handledIds.has(id));
      // What is left on this page stays there: look behind it. By number, since deleting moves the page's borders.
      if (messages.length === 0) {
        olderThan = oldestId;
        continue;
      }
      foundCount += messages.length;
      await forEachConcurrently(messages, concurrency, async (message) => {
        if (isOver() || handledIds.has(message.id)) return;
        handledIds.add(message.id);
        const handled = await handleSafely(message);
        if (handled.outcome === "stored") storedCount++;
        if (handled.outcome !== "failed") return;
        if (handled.stored) storedCount++;
        failures.push(handled.reason);
        pauseMs = Math.max(pauseMs, handled.pauseMs ?? 0);
      });
      if (isOver()) return result();
    }
  };
}
