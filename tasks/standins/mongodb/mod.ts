/**
 * The embedded stand-in for MongoDB: real drivers talk to it over a real socket, and it keeps its data in SQLite.
 *
 * How a command passes through it:
 *
 * 1. `connection.ts` reads a client's bytes, which `wire.ts` cuts into messages.
 * 2. `commands.ts` finds the command in its table, which says what it understands, and encodes its reply or its error. What is not
 *    understood is an error.
 * 3. `read.ts`, `write.ts` and `catalog.ts` run it on the collections of `store.ts`. `filter.ts` says what matches, `sort.ts` in
 *    which order, `projection.ts` what is shown of it, `update.ts` what an update makes of a document.
 * 4. `work.ts` runs it in slices: everybody else has a turn between two of them, and no slice is long. What a slice writes is
 *    committed at its end.
 *
 * Documents are never converted: a value is its BSON type and bytes (`bson.ts`), and is compared and stored as such. SQLite is the
 * truth: no document is held in memory between two commands. A filter that fixes `_id` goes straight to its documents; any other
 * one reads the collection document by document.
 *
 * It is a standalone server that reads and writes documents. Pipelines, expressions, indexes, transactions, change streams,
 * collations, regular expressions and authentication are refused.
 *
 * @module
 */

import { createServer, type Socket } from "node:net";
import { getLogger } from "@logtape/logtape";
import { Faults } from "../faults/registry.ts";
import { listenOnLoopback, LOOPBACK } from "../listen.ts";
import type { StandIn, StandInOptions } from "../stand_in.ts";
import { commandAnswerer } from "./commands.ts";
import { serveConnection } from "./connection.ts";
import { Cursors } from "./cursors.ts";
import { Store } from "./store.ts";

export type { StandIn, StandInOptions };

const logger = getLogger(["standins", "mongodb"]);

/** The usual port of MongoDB. */
export const MONGODB_PORT = 27017;

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
      .catch((error: unknown) => logger.error("A connection failed: {error}", { error }))
      .finally(() => connections.delete(socket));
    connections.set(socket, served);
  });
  const boundPort = await listenOnLoopback(server, port);

  return {
    // Direct: the driver need not look for further members of a cluster.
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
