import { getLogger } from "@logtape/logtape";
import { withoutBrackets } from "../http/access.ts";
import { failureReason } from "../http/failure.ts";
import type { Readiness } from "../lifecycle/health.ts";
import { waitAtMost } from "../time/time_limit.ts";
import { type ChannelModel, connect, type Options, type RecoveringChannelModel } from "amqplib";

interface BrokerConnectionOptions {
  /** The nodes, tried in turn. */
  readonly urls: readonly URL[];
  /** This connection's name in RabbitMQ's management UI. */
  readonly clientName: string;
  /**
   * Prepares a fresh connection: opens channels, declares, consumes. Only then is the connection ready; if it fails, the
   * connection is closed and tried again.
   */
  readonly setup: (connection: ChannelModel) => Promise<void>;
}

/** One node of the broker, as spans name it. */
export interface BrokerNode {
  readonly hostname: string;
  readonly port: number;
}

/** A node that takes longer to answer is skipped. */
const CONNECT_TIMEOUT_MS = 5_000;
/** A peer that is silent for two of these is gone (https://www.rabbitmq.com/docs/heartbeats). */
const HEARTBEAT_SECONDS = 10;
/** The longest that a stop waits for the broker: the last spans must still be sent. */
const CLOSE_TIMEOUT_MS = 2_000;
/** The longest pause between two attempts. It is short, since people wait for it after restarting a broker. */
const MAX_RECONNECT_DELAY_MS = 5_000;

/**
 * A connection to RabbitMQ that reconnects automatically, to the next node of the list, with growing pauses. A channel that the
 * broker closes closes its connection too, so that one path, `setup`, restores everything.
 */
export class BrokerConnection implements AsyncDisposable {
  readonly #model: RecoveringChannelModel;
  readonly #address: Options.Connect;
  #readiness: Readiness = { ready: false, reason: "RabbitMQ is not connected yet" };

  private constructor(
    model: RecoveringChannelModel,
    address: Options.Connect,
    toNextNode: () => void,
  ) {
    this.#model = model;
    this.#address = address;
    this.#watch(toNextNode);
  }

  /** Starts connecting without waiting: until connected, the service reports that it is not ready. */
  static async open(options: BrokerConnectionOptions): Promise<BrokerConnection> {
    const { urls, clientName, setup } = options;
    // amqplib reads its members at each attempt, so that changing them sends the next attempt to the next node.
    const address: Options.Connect = {};
    let index = 0;
    const toNextNode = () => {
      const url = urls[index++ % urls.length];
      if (url === undefined) throw new RangeError("Cannot connect: the list of nodes is empty");
      Object.assign(address, nodeAddress(url));
    };
    toNextNode();
    const model = await connect(address, {
      timeout: CONNECT_TIMEOUT_MS,
      noDelay: true,
      clientProperties: { connection_name: clientName },
      recovery: {
        waitForConnect: false,
        maxDelay: MAX_RECONNECT_DELAY_MS,
        setup: async (fresh: ChannelModel) => {
          // Before `setup` there is no other listener, and an unhandled error would end the process.
          fresh.on("error", logError);
          const broken = Promise.withResolvers<never>();
          // amqplib itself looks for a break only after `setup`.
          fresh.once("close", (error = new Error("the connection closed")) => broken.reject(error));
          try {
            await Promise.race([broken.promise, setup(fresh)]);
          } catch (error) {
            // amqplib would wait for the broker's answer, even on a connection that breaks.
            fresh.close().catch(() => {});
            throw error;
          }
        },
      },
    });
    return new BrokerConnection(model, address, toNextNode);
  }

  get readiness(): Readiness {
    return this.#readiness;
  }

  /** The node that is in use or being tried. */
  get node(): BrokerNode {
    const { hostname = "", port = 5672 } = this.#address;
    return { hostname, port };
  }

  /** Closes the connection for good, within two seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    await waitAtMost(CLOSE_TIMEOUT_MS, this.#model.close());
  }

  #watch(toNextNode: () => void): void {
    const logger = getLogger(["amqp"]);
    const current = () => `${this.node.hostname}:${this.node.port}`;
    const lost = (error: Error) => {
      const why = failureReason(connectFailure(error, this.#address));
      const reason = `Cannot use RabbitMQ at ${current()}: ${why}`;
      if (this.#readiness.ready || this.#readiness.reason !== reason) {
        logger.warn("{reason}; trying again until it answers", { reason });
      }
      this.#readiness = { ready: false, reason };
      toNextNode();
    };
    this.#model.on("connect", () => {
      this.#readiness = { ready: true };
      logger.info("Connected to RabbitMQ at {node}", { node: current() });
    });
    this.#model.on("disconnect", lost);
    this.#model.on("connect-failed", lost);
    this.#model.on("blocked", (reason: string) => {
      this.#readiness = { ready: false, reason: `RabbitMQ takes no messages for now: ${reason}` };
      logger.warn("RabbitMQ takes no messages for now: {reason}", { reason });
    });
    this.#model.on("unblocked", () => {
      this.#readiness = { ready: true };
      logger.info("RabbitMQ takes messages again");
    });
    this.#model.on("error", logError);
  }
}

/** Each error of a connection is followed by "disconnect" or "connect-failed", which reports the same. */
function logError(error: Error): void {
  getLogger(["amqp"]).debug("{reason}", { reason: error.message });
}

/**
 * The address of a node, for amqplib. From a text, amqplib decodes the credentials byte by byte: an `é` would be two characters.
 */
export function nodeAddress(url: URL): Options.Connect {
  const isSecure = url.protocol === "amqps:";
  return {
    protocol: isSecure ? "amqps" : "amqp",
    hostname: withoutBrackets(url.hostname),
    port: url.port === "" ? (isSecure ? 5671 : 5672) : Number(url.port),
    username: url.username === "" ? "guest" : decodeURIComponent(url.username),
    password: url.password === "" ? "guest" : decodeURIComponent(url.password),
    vhost: url.pathname.length > 1 ? url.pathname.slice(1) : "/",
    heartbeat: HEARTBEAT_SECONDS,
  };
}

/** The failure of an attempt to connect. amqplib does not pass on why RabbitMQ refuses a virtual host. */
export function connectFailure(error: unknown, { vhost }: Options.Connect): unknown {
  const isRefused = error instanceof Error &&
    error.message.startsWith("Expected ConnectionOpenOk; got <ConnectionClose");
  return isRefused
    ? new Error(`it refuses the virtual host ${vhost}; does it exist, and may the user use it?`)
    : error;
}

/** Opens a channel in `setup`. When the broker closes it, the connection is closed too, so that recovery restores both. */
export async function essentialChannel<
  Channel extends { on(event: string, listener: (...args: Error[]) => void): unknown },
>(
  connection: ChannelModel,
  open: (connection: ChannelModel) => Promise<Channel>,
): Promise<Channel> {
  const logger = getLogger(["amqp"]);
  const channel = await open(connection);
  channel.on("error", (error) => {
    logger.warn("RabbitMQ closed a channel: {reason}", { reason: error?.message });
    // It rejects if the connection is already closing.
    connection.close().catch(() => {});
  });
  return channel;
}
