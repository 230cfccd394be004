import {
  ConfirmedPublisher,
  connectToNode,
  declareTopology,
  nodeOf,
} from "@playground/shared/amqp";
import { failureReason } from "@playground/shared/http";
import { waitAtMost } from "@playground/shared/time";
import type { ChannelModel, ConfirmChannel } from "amqplib";

/** A connection to the broker for one command. Disposing it closes it. */
export type BrokerSession = Awaited<ReturnType<typeof openBrokerSession>>;

/** The broker's confirm takes milliseconds; in a cluster that elects a leader, some seconds. */
const CONFIRM_TIMEOUT_MS = 10_000;
/** A broker that takes no messages, or hangs, does not answer a close either. */
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * Connects to the first node that answers, and declares the topology. Unlike a service's connection, a broken one is not reopened:
 * whoever waits for the command can repeat it.
 *
 * @throws {Error} If no node answers, or the broker's queues are not ours.
 */
export async function openBrokerSession(urls: readonly URL[], clientName: string) {
  await using resources = new AsyncDisposableStack();
  const { connection, node } = await connectToAny(urls, clientName);
  resources.defer(() => closeIfOpen(connection));
  const channel = await connection.createConfirmChannel();
  // The pending call fails as well.
  channel.on("error", () => {});
  let isOpen = true;
  channel.on("close", () => isOpen = false);
  // The channel first: the connection's end would overtake its last acknowledgements.
  resources.defer(() => closeIfOpen(channel));
  await declareTopology(channel);
  const publisher = resources.use(new ConfirmedPublisher(CONFIRM_TIMEOUT_MS));
  publisher.attach(connection, channel);
  const session = { connection, channel, publisher, node, isOpen: () => isOpen };
  return Object.assign(resources.move(), session);
}

async function connectToAny(urls: readonly URL[], clientName: string) {
  const problems: string[] = [];
  for (const url of urls) {
    const node = nodeOf(url);
    try {
      return { connection: await connectToNode(url, clientName), node };
    } catch (error) {
      problems.push(`${url.hostname}:${node.port}: ${failureReason(error)}`);
    }
  }
  throw new Error(
    `Cannot reach RabbitMQ at ${problems.join(", ")}; is it running, and is the address right?`,
  );
}

/** A broken connection is already closed. */
async function closeIfOpen(resource: ChannelModel | ConfirmChannel): Promise<void> {
  try {
    await waitAtMost(CLOSE_TIMEOUT_MS, resource.close());
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "IllegalOperationError") throw error;
  }
}
