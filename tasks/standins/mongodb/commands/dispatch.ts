import { Int32 } from "bson";
import { getLogger } from "@logtape/logtape";
import { type BsonDocument, encode } from "../bson/values.ts";
import type { Answer, Command } from "../connection.ts";
import type { Cursors } from "../cursors.ts";
import { CommandError } from "../errors.ts";
import type { Catalog } from "../storage/catalog.ts";
import { encodeBatch, encodeDocument } from "../wire/reply.ts";
import { aggregate } from "./aggregate.ts";
import { create, drop, dropDatabase, listCollections, listDatabases } from "./catalog.ts";
import type { CommandHandler } from "./command.ts";
import { count } from "./count.ts";
import { deleteDocuments } from "./delete.ts";
import { distinct } from "./distinct.ts";
import { find, getMore, killCursors } from "./find.ts";
import { findAndModify } from "./find_and_modify.ts";
import {
  buildInfo,
  hello,
  refuseAuthentication,
  refuseTransaction,
  succeed,
  transactionsUnsupported,
} from "./handshake.ts";
import { createIndexes, dropIndexes, listIndexes } from "./indexes.ts";
import { insert } from "./insert.ts";
import { update } from "./update.ts";

const logger = getLogger(["standins", "mongodb"]);

const HANDSHAKES: ReadonlySet<string> = new Set(["hello", "isMaster", "ismaster"]);

const HANDLERS: ReadonlyMap<string, CommandHandler> = new Map([
  ["hello", hello],
  ["isMaster", hello],
  ["ismaster", hello],
  ["buildInfo", buildInfo],
  ["buildinfo", buildInfo],
  ["ping", succeed],
  ["endSessions", succeed],
  ["saslStart", refuseAuthentication],
  ["saslContinue", refuseAuthentication],
  ["authenticate", refuseAuthentication],
  ["commitTransaction", refuseTransaction],
  ["abortTransaction", refuseTransaction],
  ["insert", insert],
  ["update", update],
  ["delete", deleteDocuments],
  ["findAndModify", findAndModify],
  ["findandmodify", findAndModify],
  ["find", find],
  ["getMore", getMore],
  ["killCursors", killCursors],
  ["aggregate", aggregate],
  ["count", count],
  ["distinct", distinct],
  ["createIndexes", createIndexes],
  ["listIndexes", listIndexes],
  ["dropIndexes", dropIndexes],
  ["create", create],
  ["drop", drop],
  ["dropDatabase", dropDatabase],
  ["listCollections", listCollections],
  ["listDatabases", listDatabases],
]);

/** Makes what answers every command of every connection. */
export function commandAnswerer(catalog: Catalog, cursors: Cursors): Answer {
  return (command) => {
    try {
      return Promise.resolve(run(command, catalog, cursors));
    } catch (error) {
      return Promise.resolve(encodeError(error, command));
    }
  };
}

function run({ operation, body }: Command, catalog: Catalog, cursors: Cursors): Uint8Array {
  const [name = ""] = Object.keys(body);
  if (operation === "query" && !HANDSHAKES.has(name)) {
    throw new CommandError(
      352,
      `Unsupported OP_QUERY command: ${name}. The client driver may require an upgrade.`,
    );
  }
  const handler = HANDLERS.get(name);
  if (handler === undefined) throw new CommandError(59, `no such command: '${name}'`);
  if (body.txnNumber !== undefined || body.startTransaction !== undefined) {
    throw transactionsUnsupported();
  }
  const database = typeof body.$db === "string" ? body.$db : "admin";
  const result = handler({ name, database, body, catalog, cursors });
  return "batch" in result ? encodeBatch(result.batch) : encodeDocument(result.document);
}

/** The reply to a command that failed. */
export function encodeError(error: unknown, { body }: Command): Uint8Array {
  if (!(error instanceof CommandError)) {
    // The command's name only: an error of the store or a bug may quote what the client sent.
    logger.error("Cannot run a command: {command} failed with {error}", {
      command: Object.keys(body)[0],
      error: error instanceof Error ? error.stack : String(error),
    });
  }
  const { code, codeName, message, details } = error instanceof CommandError
    ? error
    : new CommandError(1, "Cannot run the command: the stand-in failed; see its log");
  const reply: BsonDocument = {
    ok: 0,
    errmsg: message,
    code: new Int32(code),
    codeName,
    ...details,
  };
  return encode(reply);
}
