/**
 * The embedded stand-in for MongoDB: real drivers talk to it over a real socket, and it keeps its data in SQLite.
 *
 * How a command passes through it:
 *
 * 1. `connection.ts` reads a client's bytes; `wire/` cuts them into messages and decodes the command.
 * 2. `commands/dispatch.ts` finds the command's handler in `commands/` and encodes its reply, or its error.
 * 3. The handler works on a collection of `storage/`, within a transaction that is committed before the reply.
 * 4. `query/` and `update/` say what a filter matches and what an update makes of a document. They work on documents
 *    whose values keep their BSON types (`bson/`). Aggregation pipelines and expressions alone are computed by mingo,
 *    on JavaScript's own values.
 *
 * SQLite is the truth: no document is held in memory between two commands. A query that fixes `_id`, or every field of
 * an index, goes straight to its documents; any other one reads the collection document by document. All work is
 * synchronous, so that a command is atomic as a whole.
 *
 * It is a standalone server without transactions, change streams, text indexes, validators, collations or
 * authentication, and refuses them.
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
import { Catalog } from "./storage/catalog.ts";
import { openDatabase } from "./storage/database.ts";

export type { StandIn, StandInOptions };

const logger = getLogger(["standins", "mongodb"]);

/** The usual port of MongoDB. */
export const MONGODB_PORT = 27017;

/** How many cursors stay open; one more closes the one that has been idle longest. */
const MAX_OPEN_CURSORS = 1_000;

/** Options of {@linkcode startMongodb}. */
export interface MongodbOptions extends StandInOptions {
  /**
   * How often documents that a TTL index lets expire are deleted and idle cursors are closed, in milliseconds.
   *
   * @default 60_000 as in MongoDB
   */
  readonly sweepIntervalMs?: number;
  /**
   * How long a cursor stays open that is not read, in milliseconds.
   *
   * @default 600_000 as in MongoDB
   */
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
  const database = openDatabase(options.stateDirectory);
  const catalog = new Catalog(database);
  const cursors = new Cursors({ idleMs: cursorIdleMs, count: MAX_OPEN_CURSORS });
  const closing = new AbortController();
  const answer = faultyAnswer(commandAnswerer(catalog, cursors), faults, closing.signal);

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
  const sweep = setInterval(() => {
    cursors.closeIdle(Date.now());
    try {
      catalog.removeExpired(Date.now());
    } catch (error) {
      logger.error("Cannot delete expired documents: {error}; trying again later", { error });
    }
  }, sweepIntervalMs);

  return {
    // Direct: the driver need not look for further members of a cluster.
    url: `mongodb://${LOOPBACK}:${boundPort}/messages?directConnection=true`,
    async [Symbol.asyncDispose]() {
      clearInterval(sweep);
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of connections.keys()) socket.destroy();
      await Promise.all([closed, ...connections.values()]);
      database.close();
    },
  };
}
