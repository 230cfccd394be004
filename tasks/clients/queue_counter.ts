import { DEAD_LETTER_QUEUE, QUEUE, retryQueue } from "@playground/shared/amqp";
import type { Duration } from "@playground/shared/configuration";
import type { ChannelModel } from "amqplib";
import { type BrokerSession, openBrokerSession } from "./broker_session.ts";
import { documentIn, emailIdOf } from "./dead_letter.ts";
import { DeadLetterQueue } from "./dead_letter_queue.ts";

interface QueueCounterOptions {
  readonly urls: readonly URL[];
  readonly retryDelays: readonly Duration[];
  readonly sender: string;
}

interface QueueFigures {
  /** Since the start, whosever they are. */
  readonly deadLettered: number;
  /** Emails that wait to be sent, for the first time or again, whosever they are. */
  readonly waiting: number;
}

/** Counts the emails of a run at the broker. A connection that breaks is opened again at the next count. */
export class QueueCounter implements AsyncDisposable {
  readonly #options: QueueCounterOptions;
  #session: BrokerSession;
  #waitingQueues: readonly string[] = [];
  #deadBefore = 0;

  private constructor(options: QueueCounterOptions, session: BrokerSession) {
    this.#options = options;
    this.#session = session;
  }

  /**
   * Connects, before the run starts.
   *
   * @throws {Error} If no node answers.
   */
  static async open(options: QueueCounterOptions): Promise<QueueCounter> {
    await using resources = new AsyncDisposableStack();
    const session = resources.use(await openBrokerSession(options.urls, "load"));
    const counter = new QueueCounter(options, session);
    counter.#waitingQueues = await existingQueues(
      session.connection,
      [QUEUE, ...options.retryDelays.map(retryQueue)],
    );
    counter.#deadBefore = (await session.channel.checkQueue(DEAD_LETTER_QUEUE)).messageCount;
    resources.move();
    return counter;
  }

  /** Reads the lengths of the queues, which the broker has at hand. */
  async estimate(): Promise<QueueFigures> {
    const { channel } = await this.#openSession();
    const lengthOf = async (queue: string) => (await channel.checkQueue(queue)).messageCount;
    let waiting = 0;
    for (const queue of this.#waitingQueues) waiting += await lengthOf(queue);
    return {
      deadLettered: Math.max(0, await lengthOf(DEAD_LETTER_QUEUE) - this.#deadBefore),
      waiting,
    };
  }

  /** The ids of the run's emails among the dead letters, which it looks through for that. */
  async deadLettered(): Promise<ReadonlySet<string>> {
    const queue = new DeadLetterQueue((await this.#openSession()).channel);
    const ids = new Set<string>();
    for await (const message of queue.messages()) {
      const document = documentIn(message.content);
      if (document?.sender.address === this.#options.sender) ids.add(await emailIdOf(message));
    }
    await queue.giveBack();
    return ids;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }

  async #openSession(): Promise<BrokerSession> {
    if (!this.#session.isOpen) {
      await this.#session[Symbol.asyncDispose]();
      this.#session = await openBrokerSession(this.#options.urls, "load");
    }
    return this.#session;
  }
}

/** Those of the queues that exist. Asking for another one costs its channel (AMQP 0-9-1, 404 NOT_FOUND). */
async function existingQueues(
  connection: ChannelModel,
  queues: readonly string[],
): Promise<readonly string[]> {
  const existing: string[] = [];
  for (const queue of queues) {
    const channel = await connection.createChannel();
    // The check fails with it.
    channel.on("error", () => {});
    const exists = await channel.checkQueue(queue).then(() => true, () => false);
    if (!exists) continue;
    await channel.close();
    existing.push(queue);
  }
  return existing;
}
