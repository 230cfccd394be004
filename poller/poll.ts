import { getLogger } from "@logtape/logtape";
import type { InboxMessage } from "./mailtrap/mod.ts";
import { MessageHandler, type MessageHandlerOptions } from "./message_handler.ts";
import type { WaitingMail } from "./waiting_mails.ts";

export interface PollOptions extends MessageHandlerOptions {
  /** How many messages are handled at once, as far as there is memory for them. */
  readonly concurrency: number;
  /** Ends a poll after the messages in hand; the rest waits for the next one, of this poller or another. */
  readonly signal: AbortSignal;
  readonly logsEmptyPolls: boolean;
}

export interface PollResult {
  readonly foundCount: number;
  readonly storedCount: number;
  /** Why some are not archived, or still in the inbox, one entry for each. */
  readonly failures: readonly string[];
  /** The mails that Mailtrap does not hand over or delete for certain. */
  readonly waitingMails: readonly WaitingMail[];
  readonly pauseMs: number;
}

/** Empties the inbox into the archive, once. */
export type Poll = () => Promise<PollResult>;

/** Each message is fetched, stored and only then deleted. One that fails does not hold up the others. */
export function createPoll(options: PollOptions): Poll {
  const handler = new MessageHandler(options);
  return async () => {
    const result = await pollOnce(options, handler);
    const isEmpty = result.foundCount === 0 && result.failures.length === 0;
    if (!isEmpty || options.logsEmptyPolls) logPoll(result);
    return result;
  };
}

async function pollOnce(
  { inbox, concurrency, signal }: PollOptions,
  handler: MessageHandler,
): Promise<PollResult> {
  const handledIds = new Set(handler.beginPoll());
  const seenIds = new Set<number>();
  // What failed before comes last: if it fails again, it may end the poll.
  const failedIds = new Set(handler.failedIds);
  const failedBefore = new Map<number, InboxMessage>();
  const failures: string[] = [];
  // The list is read several times in a poll; its problem is reported once.
  let listProblem: string | undefined;
  let foundCount = 0;
  let storedCount = 0;
  let pauseMs = 0;
  // The API asked for a pause, or the poller stops: the rest waits for the next poll.
  const isOver = () => pauseMs > 0 || signal.aborted;
  const handle = async (message: InboxMessage) => {
    // The list may name one twice.
    if (isOver() || handledIds.has(message.id)) return;
    handledIds.add(message.id);
    const handled = await handler.handle(message);
    if (handled.stored) storedCount++;
    if (handled.failure !== undefined) failures.push(handled.failure);
    pauseMs = Math.max(pauseMs, handled.pauseMs ?? 0);
  };
  const handleAll = async (messages: readonly InboxMessage[]) => {
    foundCount += messages.length;
    // All workers take from one iterator, so that each message is taken once.
    const queue = messages.values();
    const worker = async () => {
      for (const message of queue) await handle(message);
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  };

  let olderThan: number | undefined;
  while (!isOver()) {
    // Newest first.
    const page = await inbox.list(olderThan);
    if (page.outcome !== "ok") {
      failures.push(page.outcome === "gone" ? "the inbox is gone" : page.reason);
      if (page.outcome !== "gone") pauseMs = page.pauseMs ?? 0;
      break;
    }
    const { messages, oldestId, problem } = page.value;
    listProblem ??= problem;
    for (const message of messages) {
      const { id } = message;
      seenIds.add(id);
      if (failedIds.has(id) && !handledIds.has(id)) failedBefore.set(id, message);
    }
    // The end, or an API that ignores `last_id` and would repeat the same page forever.
    if (oldestId >= (olderThan ?? Infinity)) {
      handler.forgetAllBut(seenIds);
      break;
    }
    const unhandled = messages.filter(({ id }) => !handledIds.has(id) && !failedBefore.has(id));
    // The rest of this page stays: continue after it, by id, since deletions shift pages.
    if (unhandled.length === 0) olderThan = oldestId;
    await handleAll(unhandled);
  }
  await handleAll([...failedIds].flatMap((id) => failedBefore.get(id) ?? []));
  return {
    foundCount,
    storedCount,
    failures: listProblem === undefined ? failures : [...failures, listProblem],
    waitingMails: handler.waitingMails,
    pauseMs,
  };
}

function logPoll({ foundCount, storedCount, failures }: PollResult): void {
  const logger = getLogger(["mail-poller"]);
  logger.info("Archived {stored} of {found} messages", { stored: storedCount, found: foundCount });
  for (const reason of failures) logger.warn("{reason}", { reason });
}
