import { emailIdOf, messageHeaders } from "@playground/shared/amqp";
import { failureReason } from "@playground/shared/http";
import { type Sleep, TimeLimit, waitAtMost } from "@playground/shared/time";
import { extractContext, type Tracing } from "@playground/shared/tracing";
import type { ChannelModel, GetMessage } from "amqplib";
import { z } from "zod";
import { DeadLetterQueue } from "./dead_letter_queue.ts";
import { requeue, type RequeueOptions } from "./requeue.ts";

/** What can be done with a dead letter. */
type DeadLetterAction = "requeue" | "drop";

/** The outcome for the dead letter of one email. */
export const deadLetterResult = z.object({
  emailId: z.string(),
  /** `gone`: it is not in the queue. `failed`: it may still be there. */
  status: z.enum(["requeued", "dropped", "gone", "failed"]),
  reason: z.string().optional(),
}).readonly();

/** See {@linkcode deadLetterResult}. */
export type DeadLetterResult = z.output<typeof deadLetterResult>;

interface DeadLettersOptions extends Omit<RequeueOptions, "remove"> {
  readonly tracing: Tracing;
  /** @default the queue of dead letters */
  readonly queueName?: string;
  /** How long to look for dead letters, waiting for one's turn included. @default 8 s */
  readonly timeLimitMs?: number;
  /** The longest wait for an answer, even if the broker is silent. @default 12 s */
  readonly patienceMs?: number;
  readonly sleep?: Sleep;
}

/** With the broker's confirms and the return of messages, still shorter than the callers' own time limits. */
const TIME_LIMIT_MS = 8_000;
/** How long the other dead letters may be taken afterwards, to keep the order. */
const ORDER_LIMIT_MS = 4_000;
const PATIENCE_MS = TIME_LIMIT_MS + ORDER_LIMIT_MS;
/** Another program may hold a dead letter that is not found. It is looked for again if one comes back within this time. */
const RETURN_WAIT_MS = 1_000;

const NOT_FOUND = "it was not found in time; the queue may be long, or somebody else at work";
const NO_ANSWER = "RabbitMQ does not answer in time, or somebody else is at work";

const DONE = { requeue: "requeued", drop: "dropped" } as const;

/**
 * Acts on dead letters by the ids of their emails, one request at a time, each on a channel of its own: if that breaks, the dead
 * letters that it holds come back, and publishing goes on.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions;
  #connection: ChannelModel | undefined;
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  attach(connection: ChannelModel): void {
    this.#connection = connection;
  }

  /**
   * Acts on the oldest dead letter of each email. A failure of the broker does not throw.
   *
   * @param emailIds Their ids in lower case, each once.
   */
  async act(
    action: DeadLetterAction,
    emailIds: readonly string[],
  ): Promise<readonly DeadLetterResult[]> {
    const { timeLimitMs = TIME_LIMIT_MS, patienceMs = PATIENCE_MS } = this.#options;
    using timeLimit = new TimeLimit(timeLimitMs);
    const done = new Set<string>();
    const acting = this.#lastTurn
      .then(() => this.#act(action, emailIds, done, timeLimit.signal))
      .catch((error) => `RabbitMQ cannot be used: ${failureReason(error)}`);
    this.#lastTurn = acting;
    const isOver = await waitAtMost(patienceMs, acting);
    const reason = isOver ? await acting : NO_ANSWER;
    return emailIds.map((emailId) =>
      done.has(emailId)
        ? { emailId, status: DONE[action] }
        : reason === undefined
        ? { emailId, status: "gone" }
        : { emailId, status: "failed", reason }
    );
  }

  /** Adds the handled emails to `done`; returns why the others are not handled. */
  async #act(
    action: DeadLetterAction,
    emailIds: readonly string[],
    done: Set<string>,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (this.#connection === undefined) return "RabbitMQ is not connected yet";
    await using queue = await DeadLetterQueue.open(this.#connection, this.#options.queueName);
    for (;;) {
      const left = emailIds.filter((id) => !done.has(id));
      const failure = await this.#actOnce(action, queue, queue.find(left, signal), done);
      using orderLimit = new TimeLimit(ORDER_LIMIT_MS);
      await queue.giveBack(orderLimit.signal);
      if (failure !== undefined || done.size === emailIds.length) return failure;
      const isBack = await queue.grows(RETURN_WAIT_MS, signal, this.#options.sleep);
      if (signal.aborted) return NOT_FOUND;
      if (!isBack) return undefined;
    }
  }

  async #actOnce(
    action: DeadLetterAction,
    queue: DeadLetterQueue,
    messages: AsyncIterable<GetMessage>,
    done: Set<string>,
  ): Promise<string | undefined> {
    const remove = async (message: GetMessage, emailId: string) => {
      await queue.remove(message);
      done.add(emailId);
    };
    if (action === "requeue") {
      return (await requeue(messages, { ...this.#options, remove })).failure?.reason;
    }
    for await (const message of messages) {
      const emailId = await emailIdOf(message);
      await drop(message, () => remove(message, emailId), this.#options.tracing);
    }
    return undefined;
  }
}

/** Removes a dead letter for good. A span below the `emailer` span that gave the email up says so. */
export async function drop(
  message: GetMessage,
  remove: (message: GetMessage) => Promise<void>,
  tracing: Pick<Tracing, "inSpan">,
): Promise<void> {
  const parent = extractContext(messageHeaders(message));
  await tracing.inSpan("drop-dead-letter", { parent }, () => remove(message));
}
