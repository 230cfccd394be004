import type { Attributes } from "@opentelemetry/api";
import { DEAD_LETTER_QUEUE, QUEUE, retryQueue } from "@playground/shared/amqp";
import type { Duration } from "@playground/shared/configuration";
import type { Metrics, Observation } from "@playground/shared/metrics";
import type { ChannelModel } from "amqplib";

/**
 * How many emails wait, as the broker tells when it is asked passively. A channel is opened for each look: one on which a queue is
 * missing is closed by the broker.
 */
export class QueueLengths {
  readonly #retryDelays: readonly Duration[];
  #connection: ChannelModel | undefined;
  #looking: Promise<ReadonlyMap<string, number>> | undefined;

  constructor(retryDelays: readonly Duration[]) {
    this.#retryDelays = retryDelays;
  }

  /** Asks on this connection from now on. */
  attach(connection: ChannelModel): void {
    this.#connection = connection;
  }

  /** Shows the lengths in the metrics. */
  observe(metrics: Metrics): void {
    const lengthOf = async (
      queue: string,
      attributes: Attributes = {},
    ): Promise<readonly Observation[]> => {
      const value = (await this.#lengths()).get(queue);
      return value === undefined ? [] : [{ value, attributes }];
    };
    metrics.observe("playground.queue.messages", () => lengthOf(QUEUE));
    metrics.observe("playground.dead_letters", () => lengthOf(DEAD_LETTER_QUEUE));
    metrics.observe("playground.retries.waiting", async () => {
      const lengths = this.#retryDelays.map((delay) =>
        lengthOf(retryQueue(delay), { delay: delay.text })
      );
      return (await Promise.all(lengths)).flat();
    });
  }

  /** One look serves all metrics of a scrape. */
  #lengths(): Promise<ReadonlyMap<string, number>> {
    return this.#looking ??= this.#look().finally(() => this.#looking = undefined);
  }

  async #look(): Promise<ReadonlyMap<string, number>> {
    const lengths = new Map<string, number>();
    const channel = await this.#connection?.createChannel();
    if (channel === undefined) return lengths;
    // The check fails with it.
    channel.on("error", () => {});
    for (const queue of [QUEUE, DEAD_LETTER_QUEUE, ...this.#retryDelays.map(retryQueue)]) {
      lengths.set(queue, (await channel.checkQueue(queue)).messageCount);
    }
    await channel.close();
    return lengths;
  }
}
