import {
  type BrokerNode,
  ConfirmedPublisher,
  declareTopology,
  nodeAddress,
} from "@playground/shared/amqp";
import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";

/** A connection to the broker for the time of one command. Disposing it closes it. */
export interface BrokerSession extends AsyncDisposable {
  /** The connection, for further channels. */
  readonly connection: ChannelModel;
  /** The channel for everything. */
  readonly channel: ConfirmChannel;
  /** Publishes on that channel. */
  readonly publisher: ConfirmedPublisher;
  /** The node that answered. */
  readonly node: BrokerNode;
  /** Whether the channel can still be used. */
  readonly isOpen: boolean;
}

/** A node that takes longer to answer is passed over. */
const CONNECT_TIMEOUT_MS = 5_000;
/** The broker's confirm takes milliseconds; in a cluster that elects a leader, some seconds. */
const CONFIRM_TIMEOUT_MS = 10_000;

/**
 * Connects to the first node that answers, and declares what emails pass there. Unlike that of a service, this connection does
 * not come back when it breaks: somebody is waiting for the command and can repeat it.
 *
 * @throws {Error} If no node answers, or the broker's queues are not ours.
 */
export async function openBrokerSession(
  urls: readonly URL[],
  clientName: string,
): Promise<BrokerSession> {
  await using resources = new AsyncDisposableStack();
  const { connection, url } = await connectToAny(urls, clientName);
  resources.defer(() => closeIfOpen(connection));
  // Whatever goes wrong also makes the call fail that is waiting for it.
  connection.on("error", () => {});
  const channel = await connection.createConfirmChannel();
  channel.on("error", () => {});
  let isOpen = true;
  channel.on("close", () => isOpen = false);
  // First the channel: what it still has to say, such as an acknowledgement, would be overtaken by the connection's end.
  resources.defer(() => closeIfOpen(channel));
  await declareTopology(channel);
  const publisher = new ConfirmedPublisher(CONFIRM_TIMEOUT_MS);
  publisher.attach(connection, channel);
  const opened = resources.move();
  return {
    connection,
    channel,
    publisher,
    get isOpen() {
      return isOpen;
    },
    node: { hostname: url.hostname, port: portOf(url) },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Logs in at one node. */
export async function connectToNode(url: URL, clientName: string): Promise<ChannelModel> {
  return await connect(nodeAddress(url), {
    timeout: CONNECT_TIMEOUT_MS,
    noDelay: true,
    clientProperties: { connection_name: clientName },
  });
}

async function connectToAny(
  urls: readonly URL[],
  clientName: string,
): Promise<{ readonly connection: ChannelModel; readonly url: URL }> {
  const problems: string[] = [];
  for (const url of urls) {
    try {
      return { connection: await connectToNode(url, clientName), url };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      problems.push(`${url.hostname}:${portOf(url)}: ${reason}`);
    }
  }
  throw new Error(
    `Cannot reach RabbitMQ at ${problems.join(", ")}; is it running, and is the address right?`,
  );
}

function portOf(url: URL): number {
  const usual = url.protocol === "amqps:" ? 5671 : 5672;
  return url.port === "" ? usual : Number(url.port);
}

/** What broke is closed; closing it once more is no failure of the command. */
async function closeIfOpen(resource: ChannelModel | ConfirmChannel): Promise<void> {
  try {
    await resource.close();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "IllegalOperationError") throw error;
  }
}
