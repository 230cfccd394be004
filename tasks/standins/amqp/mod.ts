/**
 * The embedded stand-in for RabbitMQ: AMQP 0-9-1 on loopback, durable in one SQLite file.
 *
 * Data passes through it in one direction. A `Connection` reads frames from its socket and hands each to its `Channel`, which
 * runs the client's commands. A published message goes through the `Topology`: an exchange names the queues, each `Queue` writes
 * it to the `Store` and hands it to a `Consumer`, whose channel sends it. Expired and rejected messages go through `DeadLetters`
 * to the next queue. All output waits in the connections until the `GroupCommit` of this turn of the event loop is on disk, so a
 * client never learns of a state that a crash could undo.
 *
 * It implements what this system uses, durable quorum queues bound to topic exchanges, and rejects everything else with 540
 * NOT_IMPLEMENTED; `tests/contract/amqp/` compares it with RabbitMQ.
 *
 * @module
 */
import { Faults } from "../faults/registry.ts";
import { LOOPBACK } from "../listen.ts";
import { SqliteStore } from "../sqlite.ts";
import type { StandIn, StandInOptions } from "../stand_in.ts";
import { Broker } from "./broker.ts";
import type { Account } from "./handshake.ts";
import { STORE_SCHEMA } from "./store.ts";

const AMQP_PORT = 5672;

export interface AmqpBrokerOptions extends StandInOptions {
  /** Who may log in. @default `guest` with the password `guest`, as in a fresh RabbitMQ */
  readonly account?: Account;
}

const GUEST: Account = { user: "guest", password: "guest" };

export async function startAmqpBroker(options: AmqpBrokerOptions = {}): Promise<StandIn> {
  const { port = AMQP_PORT, stateDirectory, account = GUEST, faults = new Faults() } = options;
  await using stack = new AsyncDisposableStack();
  const database = stack.use(new SqliteStore("amqp", stateDirectory, STORE_SCHEMA));
  const broker = stack.use(new Broker({ database, account, faults }));
  const login = [account.user, account.password].map(encodeURIComponent).join(":");
  const url = `amqp://${login}@${LOOPBACK}:${await broker.listen(port)}`;
  return Object.assign(stack.move(), { url });
}
