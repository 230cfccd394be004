import { createServer, type Server, type Socket } from "node:net";
import type { DatabaseSync } from "node:sqlite";
import { getLogger } from "@logtape/logtape";
import type { FaultName } from "../faults/catalogue.ts";
import type { Faults } from "../faults/registry.ts";
import { listenOnLoopback } from "../listen.ts";
import { Connection } from "./connection.ts";
import { GroupCommit } from "./group_commit.ts";
import { Store } from "./store.ts";
import { Topology } from "./topology.ts";

const logger = getLogger(["standins", "amqp"]);

/** Accepts connections and owns everything that they share. */
export class Broker implements AsyncDisposable {
  readonly #faults: Faults;
  readonly #commit: GroupCommit;
  readonly #topology: Topology;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #ignoreFaults: () => void;
  #isServing = false;

  constructor(database: DatabaseSync, faults: Faults) {
    this.#faults = faults;
    this.#ignoreFaults = faults.onChange((name) => this.#heed(name));
    this.#commit = new GroupCommit(database, (error) => this.#fail(error));
    this.#topology = new Topology(new Store(database, this.#commit));
    this.#commit.commit();
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Starts to accept connections on loopback. */
  async listen(port: number): Promise<number> {
    const actualPort = await listenOnLoopback(this.#server, port);
    this.#isServing = true;
    return actualPort;
  }

  /** Closes the connections and the listener, and commits what that changed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ignoreFaults();
    await this.#stopServing();
    this.#commit.commit();
  }

  #accept(socket: Socket): void {
    if (this.#faults.hit("rabbitmq.refuse")) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, {
      topology: this.#topology,
      commit: this.#commit,
      faults: this.#faults,
      onEnd: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }

  /** The clients that are connected already have to learn of some faults, and of their end. */
  #heed(changed: FaultName): void {
    for (const connection of [...this.#connections]) {
      if (changed === "rabbitmq.refuse" && this.#faults.hit(changed)) connection.close();
      if (changed === "rabbitmq.block") connection.heedBlock();
      if (changed === "rabbitmq.freeze") connection.thaw();
    }
  }

  async #stopServing(): Promise<void> {
    const closed = this.#isServing
      ? new Promise<void>((resolve) => this.#server.close(() => resolve()))
      : undefined;
    this.#isServing = false;
    for (const connection of this.#connections) connection.close();
    this.#topology.close();
    await closed;
  }

  /** A broker that cannot store must not go on: it would confirm what it may lose. */
  #fail(error: unknown): void {
    if (!this.#isServing) throw error;
    logger.fatal(
      "Cannot store messages: {error}; all clients are disconnected, start the broker again",
      { error },
    );
    this.#stopServing();
  }
}
