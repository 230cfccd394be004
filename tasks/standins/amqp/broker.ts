import { createServer, type Server, type Socket } from "node:net";
import { getLogger } from "@logtape/logtape";
import type { Faults } from "../faults/registry.ts";
import { listenOn, LOOPBACK } from "../listen.ts";
import type { SqliteStore } from "../sqlite.ts";
import { Connection } from "./connection.ts";
import { GroupCommit } from "./group_commit.ts";
import type { Account } from "./handshake.ts";
import { Store, STORE_PROBE } from "./store.ts";
import { Topology } from "./topology.ts";

const logger = getLogger(["standins", "amqp"]);

export interface BrokerOptions {
  readonly database: SqliteStore;
  readonly account: Account;
  readonly faults: Faults;
}

/** The state that connections work on, until the store fails. */
interface State {
  readonly commit: GroupCommit;
  readonly topology: Topology;
}

/** Accepts connections and owns everything that they share. */
export class Broker implements AsyncDisposable {
  readonly #options: BrokerOptions;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  /** Missing while the store fails. */
  #state: State | undefined;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#state = this.#load();
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(port: number): Promise<number> {
    return await listenOn(LOOPBACK, this.#server, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#disconnect();
    this.#state?.commit.commit();
    await closed;
  }

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
    const connection = new Connection(socket, { ...this.#state, ...this.#options });
    this.#connections.add(connection);
    socket.on("close", () => this.#connections.delete(connection));
  }

  #disconnect(): void {
    for (const connection of [...this.#connections]) connection.close();
    this.#state?.topology.close();
  }

  /** A broker that cannot store must stop: it would confirm messages that it may lose. */
  #fail(error: unknown): void {
    // During its first read, the reader gets the error.
    if (this.#state === undefined) throw error;
    logger.error(
      "Cannot store messages: {error}; all clients are disconnected until it can, make room on the disk",
      { error },
    );
    this.#disconnect();
    this.#state = undefined;
  }

  /** Retries a failed store when a client connects: its disk may have room again. */
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
