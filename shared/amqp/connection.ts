import { getLogger } from "@logtape/logtape";
import { withoutBrackets } from "../http/access.ts";
import { failureReason } from "../http/failure.ts";
import type { Readiness } from "../lifecycle/health.ts";
import { sleep, waitAtMost } from "../time/mod.ts";
import { type ChannelModel, connect, type Options } from "amqplib";

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
/** The shortest pause between two attempts. */
const MIN_RECONNECT_DELAY_MS = 100;
/** The longest one. It is short, since people wait for it after restarting a broker. */
const MAX_RECONNECT_DELAY_MS = 5_000;

/**
 * A connection to RabbitMQ that reconnects automatically, to the next node of the list, with growing pauses. A channel that the
 * broker closes closes its connection too, so that one path, `setup`, restores everything.
 *
 * amqplib's own recovery ends the process if a connection breaks that was opened while the recovery was stopped.
 */
export class BrokerConnection implements AsyncDisposable {
  readonly #logger = getLogger(["amqp"]);
  readonly #stop = new AbortController();
  #connection: ChannelModel | undefined;
  #node: BrokerNode = { hostname: "", port: 0 };
  #pauseMs = MIN_RECONNECT_DELAY_MS;
  #readiness: Readiness = { ready: false, reason: "RabbitMQ is not connected yet" };

  private constructor() {}

  /**
   * Starts connecting without waiting: until connected, the service reports that it is not ready.
   *
   * @throws {RangeError} If the list of nodes is empty.
   */
  static open(options: BrokerConnectionOptions): BrokerConnection {
    if (options.urls.length === 0) {
      throw new RangeError("Cannot connect: the list of nodes is empty");
    }
    const connection = new BrokerConnection();
    void connection.#stayConnected(options);
    return connection;
  }

  get readiness(): Readiness {
    return this.#readiness;
  }

  /** The node that is in use or being tried. */
  get node(): BrokerNode {
    return this.#node;
  }

  /** Closes the connection for good, within two seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    if (this.#connection !== undefined) await waitAtMost(CLOSE_TIMEOUT_MS, close(this.#connection));
  }

  async #stayConnected({ urls, clientName, setup }: BrokerConnectionOptions): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      for (const url of urls) {
        this.#node = nodeOf(url);
        try {
          await this.#use(await connectToNode(url, clientName), setup);
        } catch (error) {
          if (signal.aborted) return;
          this.#explain(error);
        }
        // The clients of a broker that was restarted do not all come at the same moment.
        await sleep(this.#pauseMs * (0.8 + 0.2 * Math.random()), signal);
        if (signal.aborted) return;
        this.#pauseMs = Math.min(2 * this.#pauseMs, MAX_RECONNECT_DELAY_MS);
      }
    }
  }

  /** Prepares a connection, and lasts as long as it does: it always rejects. */
  async #use(
    connection: ChannelModel,
    setup: BrokerConnectionOptions["setup"],
  ): Promise<void> {
    this.#connection = connection;
    try {
      this.#stop.signal.throwIfAborted();
      const broken = Promise.withResolvers<never>();
      connection.once(
        "close",
        (error = new Error("the connection closed")) => broken.reject(error),
      );
      await Promise.race([broken.promise, setup(connection)]);
      this.#watch(connection);
      await broken.promise;
    } finally {
      // Not awaited: on a connection that breaks, the broker may never answer.
      void close(connection);
    }
  }

  #watch(connection: ChannelModel): void {
    const { hostname, port } = this.#node;
    const ready = () => this.#readiness = { ready: true };
    connection.on("blocked", (reason: string) => {
      this.#readiness = { ready: false, reason: `RabbitMQ takes no messages for now: ${reason}` };
      this.#logger.warn("RabbitMQ takes no messages for now: {reason}", { reason });
    });
    connection.on("unblocked", () => {
      ready();
      this.#logger.info("RabbitMQ takes messages again");
    });
    ready();
    this.#pauseMs = MIN_RECONNECT_DELAY_MS;
    this.#logger.info("Connected to RabbitMQ at {node}", { node: `${hostname}:${port}` });
  }

  #explain(error: unknown): void {
    const { hostname, port } = this.#node;
    const reason = `Cannot use RabbitMQ at ${hostname}:${port}: ${failureReason(error)}`;
    if (this.#readiness.ready || this.#readiness.reason !== reason) {
      this.#logger.warn("{reason}; trying again until it answers", { reason });
    }
    this.#readiness = { ready: false, reason };
  }
}

/**
 * Logs in at one node. The connection's errors are logged; each one is followed by its "close".
 *
 * @throws The network's or the broker's error.
 */
export async function connectToNode(url: URL, clientName: string): Promise<ChannelModel> {
  const address = nodeAddress(url);
  try {
    const connection = await connect(address, {
      timeout: CONNECT_TIMEOUT_MS,
      noDelay: true,
      clientProperties: { connection_name: clientName },
    });
    // An error that nobody handles would end the process.
    connection.on("error", logError);
    return connection;
  } catch (error) {
    throw connectFailure(error, address);
  }
}

/** Closes a connection, unless it is already closed or closing. */
async function close(connection: ChannelModel): Promise<void> {
  await connection.close().catch(() => {});
}

function logError(error: Error): void {
  getLogger(["amqp"]).debug("{reason}", { reason: error.message });
}

/**
 * The address of a node, for amqplib. From a text, amqplib decodes the credentials byte by byte: an `é` would be two characters.
 */
function nodeAddress(url: URL): Options.Connect {
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

/** A node, as its address names it. */
export function nodeOf(url: URL): BrokerNode {
  const { hostname = "", port = 5672 } = nodeAddress(url);
  return { hostname, port };
}

/** The failure of an attempt to connect. amqplib does not pass on why RabbitMQ refuses a virtual host. */
function connectFailure(error: unknown, { vhost }: Options.Connect): unknown {
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
    void close(connection);
  });
  return channel;
}
