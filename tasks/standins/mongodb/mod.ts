/**
 * The embedded stand-in for MongoDB: real drivers talk to it over a real socket, and it keeps its data in SQLite.
 *
 * How a command passes through it:
 *
 * 1. `connection.ts` reads a client's bytes; `wire/` cuts them into messages.
 * 2. `commands/dispatch.ts` finds the command in `commands/table.ts`, which says what it understands, and encodes its reply or
 *    its error. What is not understood is an error.
 * 3. The command works on the collections of `store/`. `query/` says what a filter matches, in which order and what is shown of it,
 *    `update/` what an update makes of a document.
 * 4. `work.ts` runs it in slices: everybody else has a turn between two of them, and no slice is long. What a slice writes is
 *    committed at its end.
 *
 * Documents are never converted: a value is its BSON type and bytes (`bson/`), and is compared and stored as such. SQLite is the
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
import { commandAnswerer } from "./commands/dispatch.ts";
import { serveConnection } from "./connection.ts";
import { Cursors } from "./cursors.ts";
import { faultyAnswer } from "./faulty_answer.ts";
import { Store } from "./store/store.ts";

export type { StandIn, StandInOptions };

const logger = getLogger(["standins", "mongodb"]);

/** The usual port of MongoDB. */
export const MONGODB_PORT = 27017;

/** How many cursors stay open; one more closes the one that has been idle longest. */
const MAX_OPEN_CURSORS = 1_000;

/** Options of {@linkcode startMongodb}. */
export interface MongodbOptions extends StandInOptions {
  /** How often idle cursors are closed, in milliseconds. @default 60_000 */
  readonly sweepIntervalMs?: number;
  /** How long a cursor stays open that is not read, in milliseconds. @default 600_000 as in MongoDB */
  readonly cursorIdleMs?: number;
}

/** Starts the stand-in. */
export async function startMongodb(options: MongodbOptions = {}): Promise<StandIn> {
  const {
    port = MONGODB_PORT,
    sweepIntervalMs = 60_000,
    cursorIdleMs = 600_000,
    faults = new Faults(),
  } = options;
  const store = new Store(options.stateDirectory);
  const cursors = new Cursors({ idleMs: cursorIdleMs, count: MAX_OPEN_CURSORS });
  const closing = new AbortController();
  const answer = faultyAnswer(
    commandAnswerer({ store, cursors, signal: closing.signal }),
    faults,
    closing.signal,
  );

  const connections = new Map<Socket, Promise<void>>();
  let responseId = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    const served = serveConnection(socket, {
      answer,
      nextResponseId: () => responseId = (responseId + 1) | 0,
      isCut: () => faults.hit("mongodb.down") ?? false,
    })
      .catch((error: unknown) => logger.error("A connection failed: {error}", { error }))
      .finally(() => connections.delete(socket));
    connections.set(socket, served);
  });
  const boundPort = await listenOnLoopback(server, port);
  const sweep = setInterval(() => cursors.closeIdle(Date.now()), sweepIntervalMs);

  return {
    // Direct: the driver need not look for further members of a cluster.
    url: `mongodb://${LOOPBACK}:${boundPort}/messages?directConnection=true`,
    async [Symbol.asyncDispose]() {
      clearInterval(sweep);
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of connections.keys()) socket.destroy();
      await Promise.all([closed, ...connections.values()]);
      store[Symbol.dispose]();
    },
  };
}
