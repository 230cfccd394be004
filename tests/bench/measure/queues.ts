import { declareTopology, EXCHANGE, QUEUE, ROUTING_KEY } from "@playground/shared/amqp";
import { connect } from "amqplib";

/**
 * The queues that emails can be led to: the system's own, a quorum queue; a classic one, for what that would do
 * (https://www.rabbitmq.com/docs/queues); and a quorum queue that the emailer does not consume.
 */
export const QUEUES = {
  quorum: { name: QUEUE, arguments: {} },
  classic: { name: "bench.classic", arguments: {} },
  spare: { name: "bench.spare", arguments: { "x-queue-type": "quorum" } },
} as const;

export type QueueType = keyof typeof QUEUES;

/**
 * Leads the emails of a measurement to one queue or another, by the exchange's binding: the services know nothing of it.
 *
 * Nothing else may use the broker meanwhile: its emails are removed. At the end everything is as the system has it.
 */
export async function openQueues(amqpUrl: string, resources: AsyncDisposableStack) {
  const connection = resources.adopt(await connect(amqpUrl), (connection) => connection.close());
  const channel = await connection.createChannel();
  await declareTopology(channel);
  let current: QueueType = "quorum";
  const purge = async () => {
    await channel.purgeQueue(QUEUES[current].name);
  };
  /** Leads emails to this queue from now on, and empties the one before. */
  const use = async (type: QueueType) => {
    await purge();
    if (type === current) return;
    const before = QUEUES[current].name;
    current = type;
    const { name, arguments: args } = QUEUES[type];
    if (type !== "quorum") await channel.assertQueue(name, { durable: true, arguments: args });
    await channel.bindQueue(name, EXCHANGE, ROUTING_KEY);
    await channel.unbindQueue(before, EXCHANGE, ROUTING_KEY);
    if (before !== QUEUE) await channel.deleteQueue(before);
  };
  await purge();
  resources.defer(() => use("quorum"));
  return {
    use,
    purge,
    depth: async () => (await channel.checkQueue(QUEUES[current].name)).messageCount,
  };
}
