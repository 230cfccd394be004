import { createServer, type Server, type Socket } from "node:net";
import type { DatabaseSync } from "node:sqlite";
import { getLogger } from "@logtape/logtape";
import type { FaultName } from "../faults/catalogue.ts";
import type { Faults } from "../faults/registry.ts";
import { listenOnLoopback } from "../listen.ts";
import { Connection } from "./connection.ts";
import { GroupCommit } from "./group_commit.ts";
import type { Account } from "./handshake.ts";
import { Store, STORE_PROBE } from "./store.ts";
import { Topology } from "./topology.ts";

const logger = getLogger(["standins", "amqp"]);

export interface BrokerOptions {
  readonly database: DatabaseSync;
  readonly account: Account;
  readonly faults: Faults;
}

/** What the connections work on, until the store fails. */
interface State {
  readonly commit: GroupCommit;
  readonly topology: Topology;
}

/** Accepts connections and owns everything that they share. */
export class Broker implements AsyncDisposable {
  readonly #options: BrokerOptions;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #ignoreFaults: () => void;
  /** Missing while the store cannot be used. */
  #state: State | undefined;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#ignoreFaults = options.faults.onChange((name) => this.#heed(name));
    this.#state = this.#load();
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(port: number): Promise<number> {
    return await listenOnLoopback(this.#server, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ignoreFaults();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#disconnect();
    this.#state?.commit.commit();
    await closed;
  }

  /** Reads the state from the store, as after a restart. */
  #load(): State {
    const { database } = this.#options;
    const commit = new GroupCommit(database, (error) => this.#fail(error));
    const topology = new Topology(new Store(database, commit));
    commit.commit();
    return { commit, topology };
  }

  #accept(socket: Socket): void {
    this.#state ??= this.#recover();
    if (this.#state === undefined || this.#options.faults.hit("rabbitmq.refuse")) {
      socket.destroy();
      return;
    }
    const onEnd = () => this.#connections.delete(connection);
    const connection = new Connection(socket, { ...this.#state, ...this.#options, onEnd });
    this.#connections.add(connection);
  }

  /** The clients that are connected already have to learn of some faults, and of their end. */
  #heed(changed: FaultName): void {
    for (const connection of [...this.#connections]) {
      if (changed === "rabbitmq.refuse" && this.#options.faults.hit(changed)) connection.close();
      if (changed === "rabbitmq.block") connection.heedBlock();
      if (changed === "rabbitmq.freeze") connection.thaw();
    }
  }

  #disconnect(): void {
    for (const connection of [...this.#connections]) connection.close();
    this.#state?.topology.close();
  }

  /** A broker that cannot store must not go on: it would confirm what it may lose. */
  #fail(error: unknown): void {
    // It is being read: whoever reads it is told.
    if (this.#state === undefined) throw error;
    logger.error(
      "Cannot store messages: {error}; all clients are disconnected until it can, make room on the disk",
      { error },
    );
    this.#disconnect();
    this.#state = undefined;
  }

  /** Tries a store that failed again when somebody connects: its disk may have room again at any time. */
  #recover(): State | undefined {
    const { database } = this.#options;
    try {
      if (database.isTransaction) database.exec("ROLLBACK");
      database.exec(STORE_PROBE);
      const state = this.#load();
      logger.warn("Messages are stored again");
      return state;
    } catch (error) {
      logger.debug("Cannot store messages yet: {error}", { error });
      return undefined;
    }
  }
}
