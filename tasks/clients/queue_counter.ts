import { DeadLetterQueue } from "@playground/server/dead-letters";
import { DEAD_LETTER_QUEUE, emailIdOf, emailQueues, queueLengths } from "@playground/shared/amqp";
import type { Duration } from "@playground/shared/configuration";
import { type BrokerSession, openBrokerSession } from "./broker_session.ts";
import { documentIn } from "./dead_letter.ts";

interface QueueCounterOptions {
  readonly urls: readonly URL[];
  readonly retryDelays: readonly Duration[];
  readonly sender: string;
}

interface QueueFigures {
  /** Since the start, those of other runs included. */
  readonly deadLettered: number;
  /** Emails that wait to be sent, for the first time or again, those of other runs included. */
  readonly waiting: number;
}

/** Counts the emails of a run at the broker. A broken connection is reopened at the next count. */
export class QueueCounter implements AsyncDisposable {
  readonly #options: QueueCounterOptions;
  #session: BrokerSession;
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
    counter.#deadBefore = (await session.channel.checkQueue(DEAD_LETTER_QUEUE)).messageCount;
    resources.move();
    return counter;
  }

  /** Reads the lengths of the queues, which the broker keeps. */
  async estimate(): Promise<QueueFigures> {
    const { connection } = await this.#openSession();
    const lengths = await queueLengths(connection, emailQueues(this.#options.retryDelays));
    const dead = lengths.get(DEAD_LETTER_QUEUE) ?? 0;
    const all = lengths.values().reduce((sum, length) => sum + length, 0);
    return { deadLettered: Math.max(0, dead - this.#deadBefore), waiting: all - dead };
  }

  /** The ids of the run's emails among the dead letters, all of which are read for this. */
  async deadLettered(): Promise<ReadonlySet<string>> {
    await using queue = await DeadLetterQueue.open((await this.#openSession()).connection);
    const ids = new Set<string>();
    for await (const message of queue.messages()) {
      const document = documentIn(message.content);
      if (document?.sender.address === this.#options.sender) ids.add(await emailIdOf(message));
    }
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
