import type { Channel, ChannelModel } from "amqplib";

/**
 * Asks by passive declarations how many messages wait in each queue; a queue that does not exist is left out. The broker closes a
 * channel on which a queue is missing (AMQP 0-9-1, 404 NOT_FOUND); the next queue gets another one.
 *
 * @throws {Error} If the connection is closed.
 */
export async function queueLengths(
  connection: ChannelModel,
  queues: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const lengths = new Map<string, number>();
  let channel: Channel | undefined;
  for (const queue of queues) {
    if (channel === undefined) {
      channel = await connection.createChannel();
      // The check fails with the channel.
      channel.on("error", () => {});
    }
    const checked = await channel.checkQueue(queue).catch(ifMissing);
    if (checked === undefined) channel = undefined;
    else lengths.set(queue, checked.messageCount);
  }
  await channel?.close();
  return lengths;
}

function ifMissing(error: unknown): undefined {
  if (!(error instanceof Error) || !("code" in error) || error.code !== 404) throw error;
}

/** The lengths of some queues. One question to the broker serves all callers in the meantime and for some time after. */
export class QueueLengths {
  readonly #queues: readonly string[];
  readonly #freshMs: number;
  #connection: ChannelModel | undefined;
  #look: Promise<ReadonlyMap<string, number>> | undefined;
  #staleAtMs = 0;

  /** @param freshMs How many milliseconds an answer serves. */
  constructor(queues: readonly string[], freshMs = 0) {
    this.#queues = queues;
    this.#freshMs = freshMs;
  }

  attach(connection: ChannelModel): void {
    this.#connection = connection;
    this.#look = undefined;
  }

  /**
   * The lengths by name, of the queues that exist.
   *
   * @throws {Error} If there is no connection.
   */
  async read(): Promise<ReadonlyMap<string, number>> {
    if (this.#connection === undefined) throw new Error("there is no connection yet");
    if (performance.now() >= this.#staleAtMs) this.#look = undefined;
    if (this.#look === undefined) {
      this.#staleAtMs = Infinity;
      this.#look = queueLengths(this.#connection, this.#queues)
        .finally(() => this.#staleAtMs = performance.now() + this.#freshMs);
    }
    return await this.#look;
  }
}
