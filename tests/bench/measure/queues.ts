import { declareTopology, EXCHANGE, QUEUE, ROUTING_KEY } from "@playground/shared/amqp";
import { type Channel, type ChannelModel, connect } from "amqplib";

/**
 * The queues that emails can be led to: the system's own, a quorum queue; a classic one, for what that would do
 * (https://www.rabbitmq.com/docs/queues); and a quorum queue that the emailer does not consume.
 */
export const QUEUES = {
  quorum: { name: QUEUE, arguments: {} },
  classic: { name: "bench.classic", arguments: {} },
  spare: { name: "bench.spare", arguments: { "x-queue-type": "quorum" } },
} as const;

/** One of {@linkcode QUEUES}. */
export type QueueType = keyof typeof QUEUES;

/**
 * Leads the emails of a measurement to one queue or another, by the exchange's binding: the services know nothing of it.
 *
 * Nothing else may use the broker meanwhile: its emails are removed. Disposing it leaves the queues empty.
 */
export class BenchQueues implements AsyncDisposable {
  readonly #connection: ChannelModel;
  readonly #channel: Channel;
  #type: QueueType = "quorum";

  private constructor(connection: ChannelModel, channel: Channel) {
    this.#connection = connection;
    this.#channel = channel;
  }

  /** Connects, and empties the queue of the emails. */
  static async open(amqpUrl: string): Promise<BenchQueues> {
    const connection = await connect(amqpUrl);
    const channel = await connection.createChannel();
    await declareTopology(channel);
    const queues = new BenchQueues(connection, channel);
    await queues.purge();
    return queues;
  }

  /** Leads emails to this queue from now on, and empties the one before. */
  async use(type: QueueType): Promise<void> {
    await this.purge();
    if (type === this.#type) return;
    const before = this.#queue;
    this.#type = type;
    const { name, arguments: args } = this.#queue;
    if (type !== "quorum") {
      await this.#channel.assertQueue(name, { durable: true, arguments: args });
    }
    await this.#channel.bindQueue(name, EXCHANGE, ROUTING_KEY);
    await this.#channel.unbindQueue(before.name, EXCHANGE, ROUTING_KEY);
    if (before.name !== QUEUE) await this.#channel.deleteQueue(before.name);
  }

  /** Removes all emails. */
  async purge(): Promise<void> {
    await this.#channel.purgeQueue(this.#queue.name);
  }

  /** How many emails wait. */
  async depth(): Promise<number> {
    return (await this.#channel.checkQueue(this.#queue.name)).messageCount;
  }

  /** Puts everything back as the system has it, and leaves the queue empty. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.use("quorum");
    await this.#connection.close();
  }

  get #queue(): typeof QUEUES[QueueType] {
    return QUEUES[this.#type];
  }
}
