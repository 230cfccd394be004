/**
 * The embedded stand-in for MongoDB: real drivers talk to it over a real socket, and it keeps its data in SQLite.
 *
 * A client's bytes are cut into messages by `wire.ts`, and each command is answered by `commands.ts`: its table lists what is
 * supported, and anything else is an error. `read.ts`, `write.ts` and `catalog.ts` run it on the collections of
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
import { getLogger } from "@logtape/logtape";
import { Faults } from "../faults/registry.ts";
import { listenOn, LOOPBACK } from "../listen.ts";
import type { StandIn, StandInOptions } from "../stand_in.ts";
import { answer, type CommandContext } from "./commands.ts";
import { Cursors } from "./cursors.ts";
import { Store } from "./store.ts";
import { encodeMessage, messagesIn, parseRequest, ProtocolError } from "./wire.ts";

const logger = getLogger(["standins", "mongodb"]);

const MONGODB_PORT = 27017;

/** As in MongoDB. */
const CURSOR_IDLE_MS = 600_000;

const MAX_OPEN_CURSORS = 1_000;

export async function startMongodb(
  { port = MONGODB_PORT, stateDirectory, faults = new Faults() }: StandInOptions = {},
): Promise<StandIn> {
  const store = new Store(stateDirectory);
  const cursors = new Cursors(CURSOR_IDLE_MS, MAX_OPEN_CURSORS);
  const closing = new AbortController();
  const context = { store, cursors, faults, signal: closing.signal };

  const connections = new Map<Socket, Promise<void>>();
  const server = createServer({ noDelay: true }, (socket) => {
    connections.set(socket, serve(socket, context).finally(() => connections.delete(socket)));
  });
  const boundPort = await listenOn(LOOPBACK, server, port);

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

/** Serves one client: one command after the other, each after the client has read the last answer. */
async function serve(socket: Socket, context: CommandContext): Promise<void> {
  let responseId = 0;
  try {
    for await (const bytes of messagesIn(socket)) {
      if (context.faults.hit("mongodb.down")) return;
      const request = parseRequest(bytes);
      const reply = await answer(request, context);
      responseId = (responseId + 1) | 0;
      if (!request.isUnanswered) await write(socket, encodeMessage(request, responseId, reply));
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    if (error instanceof ProtocolError) {
      logger.warn("Closed a connection: {reason}", { reason });
    } else if (Object.hasOwn(Object(error), "code")) {
      // From the socket, such as ECONNRESET; a bug has no code.
      logger.debug("A client left: {reason}", { reason });
    } else {
      logger.error("A connection failed: {error}", { error });
    }
  } finally {
    socket.destroy();
  }
}

/** Ends when more bytes may follow, or the client has gone. */
function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (socket.write(bytes, () => resolve())) resolve();
  });
}
