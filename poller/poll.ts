import { getLogger } from "@logtape/logtape";
import { type Archive, MAX_RAW_BYTES, toArchiveDocument } from "./archive/mod.ts";
import { forEachConcurrently } from "./concurrency.ts";
import { receiveMail } from "./mail/mod.ts";
import type { Inbox, InboxMessage } from "./mailtrap/mod.ts";

/** What one poll needs. */
export interface PollOptions {
  /** Where the mails are. */
  readonly inbox: Inbox;
  /** Where they go. */
  readonly archive: Archive;
  /** How many messages are handled at once. */
  readonly concurrency: number;
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
  /** Messages that stay in the inbox on purpose; they are fetched once, not at every poll. */
  const keptIds = new Set<number>();

  const handle = async (message: InboxMessage): Promise<MessageResult> => {
    const fetched = await inbox.fetch(message);
    if (fetched.outcome !== "ok") {
      return fetched.outcome === "gone" ? fetched : { ...fetched, stored: false };
    }
    const mail = receiveMail(fetched.value);
    const document = await toArchiveDocument(mail, {
      storedAt: new Date(now()),
      pollTraceId: options.pollTraceId(),
    });
    const delivery = { mailtrapId: message.id, receivedAt: message.receivedAt };
    const stored = await archive.store(document, delivery, mail.origin);
    if (stored.status === "failed") {
      return { outcome: "failed", reason: stored.reason, stored: false };
    }
    if (document.rawOmitted) {
      keptIds.add(message.id);
      const reason = `message ${message.id} has ${document.sizeBytes} bytes, more than ` +
        `${MAX_RAW_BYTES}: it is archived without its raw bytes and stays in the inbox`;
      return { outcome: "failed", reason, stored: true };
    }
    const deleted = await inbox.delete(message);
    return deleted.outcome === "failed" ? { ...deleted, stored: true } : { outcome: "stored" };
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
    const handledIds = new Set(keptIds);
    const seenIds = new Set<number>();
    const failures: string[] = [];
    let foundCount = 0;
    let storedCount = 0;
    let pauseMs = 0;
    let olderThan: number | undefined;
    // The API asked for a pause, or the poller stops: what is left waits for the next poll.
    const isOver = () => pauseMs > 0 || options.signal.aborted;
    const result = () => ({ foundCount, storedCount, failures, pauseMs });
    for (;;) {
      const page = await inbox.list(olderThan);
      if (page.outcome !== "ok") {
        failures.push(page.outcome === "failed" ? page.reason : "the inbox is gone");
        if (page.outcome === "failed") pauseMs = Math.max(pauseMs, page.pauseMs ?? 0);
        return result();
      }
      for (const { id } of page.value) seenIds.add(id);
      const oldestId = Math.min(...page.value.map(({ id }) => id));
      // The end; or an API that does not look behind a number, which would show the same page forever.
      if (page.value.length === 0 || (olderThan !== undefined && oldestId >= olderThan)) {
        // The whole inbox was seen: what is not there any more comes no more.
        for (const id of keptIds) if (!seenIds.has(id)) keptIds.delete(id);
        return result();
      }
      const messages = page.value.filter(({ id }) => !handledIds.has(id));
      // What is left on this page stays there: look behind it. By number, since deleting moves the page's borders.
      if (messages.length === 0) {
        olderThan = oldestId;
        continue;
      }
      foundCount += messages.length;
      await forEachConcurrently(messages, concurrency, async (message) => {
        handledIds.add(message.id);
        if (isOver()) return;
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
