/**
 * The embedded stand-in for MongoDB: real drivers talk to it over a real socket, and it keeps its data in SQLite.
 *
 * A command passes through `connection.ts` and `wire.ts`, which cut a client's bytes into messages, to `commands.ts`: its table
 * lists what is supported, and anything else is an error. `read.ts`, `write.ts` and `catalog.ts` run it on the collections of
 * `store.ts`, with `filter.ts`, `sort.ts`, `projection.ts` and `update.ts`. `work.ts` runs it in slices: others run between two
 * slices, and a slice's writes are committed at its end.
 *
 * Documents are never converted: a value is its BSON type and bytes (`bson.ts`), and is compared and stored as such. SQLite is
 * the only state: no document stays in memory between two commands. A filter that fixes `_id` looks up its documents; any other
 * one scans the collection.
 *
 * It is a standalone server that reads and writes documents. Pipelines, expressions, indexes, transactions, change streams,
 * collations, regular expressions and authentication are refused.
 *
 * @module
 */

import { createServer, type Socket } from "node:net";
import { Faults } from "../faults/registry.ts";
import { listenOnLoopback, LOOPBACK } from "../listen.ts";
import type { StandIn, StandInOptions } from "../stand_in.ts";
import { commandAnswerer } from "./commands.ts";
import { serveConnection } from "./connection.ts";
import { Cursors } from "./cursors.ts";
import { Store } from "./store.ts";

/** The usual port of MongoDB. */
const MONGODB_PORT = 27017;

/** As in MongoDB. */
const CURSOR_IDLE_MS = 600_000;

const MAX_OPEN_CURSORS = 1_000;

/** Starts the stand-in. */
export async function startMongodb(
  { port = MONGODB_PORT, stateDirectory, faults = new Faults() }: StandInOptions = {},
): Promise<StandIn> {
  const store = new Store(stateDirectory);
  const cursors = new Cursors(CURSOR_IDLE_MS, MAX_OPEN_CURSORS);
  const closing = new AbortController();
  const answer = commandAnswerer({ store, cursors, faults, signal: closing.signal });
  const isCut = () => faults.hit("mongodb.down") ?? false;

  const connections = new Map<Socket, Promise<void>>();
  const server = createServer({ noDelay: true }, (socket) => {
    const served = serveConnection(socket, answer, isCut)
      .finally(() => connections.delete(socket));
    connections.set(socket, served);
  });
  const boundPort = await listenOnLoopback(server, port);

  return {
    // Direct: the driver looks for no further members of a cluster.
    url: `mongodb://${LOOPBACK}:${boundPort}/messages?directConnection=true`,
    async [Symbol.asyncDispose]() {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of connections.keys()) socket.destroy();
      await Promise.all([closed, ...connections.values()]);
      store[Symbol.dispose]();
    },
  };
}
