/**
 * The embedded stand-in for RabbitMQ: AMQP 0-9-1 on loopback, durable in one SQLite file.
 *
 * Data passes through it in one direction. A `Connection` reads frames from its socket and hands each to its `Channel`,
 * which runs the client's commands. A published message goes through the `Topology`: an exchange names the queues, each
 * `Queue` writes it to the `Store` and hands it to a `Consumer`, whose channel sends it. What expires or is rejected
 * goes through `DeadLetters` to the next queue. Everything that is sent waits in the connections until the
 * `GroupCommit` of this turn of the event loop is on the disk, so a client never hears of anything that the death of
 * the process could undo.
 *
 * It has what this system uses, durable quorum queues bound to topic exchanges, and refuses the rest with 540 NOT_IMPLEMENTED;
 * `tests/contract/amqp/` compares it with RabbitMQ.
 *
 * @module
 */
import { Faults } from "../faults/registry.ts";
import { LOOPBACK } from "../listen.ts";
import { openStore } from "../sqlite.ts";
import type { StandIn, StandInOptions } from "../stand_in.ts";
import { Broker } from "./broker.ts";
import type { Account } from "./handshake.ts";
import { STORE_SCHEMA } from "./store.ts";

/** RabbitMQ's port. */
export const AMQP_PORT = 5672;

/** What the broker takes at its start. */
export interface AmqpBrokerOptions extends StandInOptions {
  /** Who may log in. @default `guest` with the password `guest`, as in a fresh RabbitMQ */
  readonly account?: Account;
}

const GUEST: Account = { user: "guest", password: "guest" };

/** Starts the broker. */
export async function startAmqpBroker(options: AmqpBrokerOptions = {}): Promise<StandIn> {
  const { port = AMQP_PORT, stateDirectory, account = GUEST, faults = new Faults() } = options;
  await using stack = new AsyncDisposableStack();
  const database = stack.use(openStore("amqp", stateDirectory, STORE_SCHEMA));
  const broker = stack.use(new Broker({ database, account, faults }));
  const login = [account.user, account.password].map(encodeURIComponent).join(":");
  const url = `amqp://${login}@${LOOPBACK}:${await broker.listen(port)}`;
  const running = stack.move();
  return { url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
