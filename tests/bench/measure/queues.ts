import { declareTopology, EXCHANGE, QUEUE, ROUTING_KEY } from "@playground/shared/amqp";
import { connect } from "amqplib";

/** The queues that emails can be routed to: the system's own, and one like it that the emailer does not consume. */
export const QUEUES = { own: QUEUE, spare: "bench.spare" } as const;

/**
 * Routes the emails of a measurement to one queue or another, by the exchange's binding; the services do not notice.
 *
 * Nothing else may use the broker meanwhile: all emails are removed. At the end the system's own binding is restored.
 */
export async function openQueues(amqpUrl: string, resources: AsyncDisposableStack) {
  const connection = resources.adopt(await connect(amqpUrl), (connection) => connection.close());
  const channel = await connection.createChannel();
  await declareTopology(channel);
  let current: keyof typeof QUEUES = "own";
  const purge = async () => {
    await channel.purgeQueue(QUEUES[current]);
  };
  const use = async (next: keyof typeof QUEUES) => {
    await purge();
    if (next === current) return;
    current = next;
    if (next === "spare") {
      const table = { "x-queue-type": "quorum" };
      await channel.assertQueue(QUEUES.spare, { durable: true, arguments: table });
      await channel.bindQueue(QUEUES.spare, EXCHANGE, ROUTING_KEY);
      await channel.unbindQueue(QUEUE, EXCHANGE, ROUTING_KEY);
    } else {
      await channel.bindQueue(QUEUE, EXCHANGE, ROUTING_KEY);
      await channel.deleteQueue(QUEUES.spare);
    }
  };
  await purge();
  resources.defer(() => use("own"));
  return {
    use,
    purge,
    depth: async () => (await channel.checkQueue(QUEUES[current])).messageCount,
  };
}
