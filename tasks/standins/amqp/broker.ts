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

/** How often a store that failed is tried again: its disk may have room again at any time. */
const RECOVERY_INTERVAL_MS = 1_000;

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
  readonly #database: DatabaseSync;
  readonly #account: Account;
  readonly #faults: Faults;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #ignoreFaults: () => void;
  /** Missing while the store cannot be used. */
  #state: State | undefined;
  #recovery: ReturnType<typeof setTimeout> | undefined;

  constructor({ database, account, faults }: BrokerOptions) {
    this.#database = database;
    this.#account = account;
    this.#faults = faults;
    this.#ignoreFaults = faults.onChange((name) => this.#heed(name));
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
    clearTimeout(this.#recovery);
    await closed;
  }

  /** Reads the state from the store, as after a restart. */
  #load(): State {
    const commit = new GroupCommit(this.#database, (error) => this.#fail(error));
    const topology = new Topology(new Store(this.#database, commit));
    commit.commit();
    return { commit, topology };
  }

  #accept(socket: Socket): void {
    if (this.#state === undefined || this.#faults.hit("rabbitmq.refuse")) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, {
      ...this.#state,
      account: this.#account,
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
    this.#tryAgainLater();
  }

  #tryAgainLater(): void {
    this.#recovery = setTimeout(() => this.#recover(), RECOVERY_INTERVAL_MS);
  }

  #recover(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      this.#database.exec(STORE_PROBE);
      this.#state = this.#load();
      logger.warn("Messages are stored again");
    } catch (error) {
      logger.debug("Cannot store messages yet: {error}", { error });
      this.#tryAgainLater();
    }
  }
}
