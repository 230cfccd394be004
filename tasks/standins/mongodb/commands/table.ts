import { unsupported } from "../errors.ts";
import {
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  listIndexes,
} from "./catalog.ts";
import { type Command, type CommandRequest, reply, words } from "./command.ts";
import { buildInfo, hello, refuseAuthentication, refuseTransaction } from "./handshake.ts";
import { aggregate, count, distinct, find, getMore, killCursors } from "./read.ts";
import { deleteDocuments, insert, update } from "./write.ts";

/** Commands that MongoDB has and the stand-in refuses; any other one is unknown. */
const REFUSED = words(
  "findAndModify findandmodify createIndexes dropIndexes renameCollection collMod mapReduce explain " +
    "collStats dbStats serverStatus validate",
);

/**
 * The commands, by the names that the wire has for them: what each understands besides the fields of every command, and what it
 * refuses although MongoDB understands it. Options that change no answer here are taken, and left.
 */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  // A driver tells of itself what it likes.
  ...["hello", "isMaster", "ismaster"].map((name) => anything(name, hello)),
  entry("buildInfo", "other", buildInfo),
  entry("buildinfo", "other", buildInfo),
  entry("ping", "other", () => reply()),
  // Sessions hold nothing here.
  entry("endSessions", "other", () => reply()),
  ...["saslStart", "saslContinue", "authenticate"].map((name) =>
    anything(name, refuseAuthentication)
  ),
  ...["commitTransaction", "abortTransaction"].map((name) => anything(name, refuseTransaction)),
  ...REFUSED.map((name) => anything(name, refuse)),
  entry("insert", "write", insert, "documents ordered bypassDocumentValidation"),
  entry("update", "write", update, "updates ordered bypassDocumentValidation", "let"),
  entry("delete", "write", deleteDocuments, "deletes ordered", "let"),
  entry(
    "find",
    "read",
    find,
    "filter sort projection skip limit batchSize singleBatch allowDiskUse allowPartialResults",
    "hint min max let collation returnKey showRecordId tailable awaitData oplogReplay noCursorTimeout",
  ),
  entry("getMore", "read", getMore, "collection batchSize"),
  entry("killCursors", "other", killCursors, "cursors"),
  entry("count", "read", count, "query skip limit", "hint collation fields"),
  entry("distinct", "read", distinct, "key query", "hint collation"),
  entry(
    "aggregate",
    "read",
    aggregate,
    "pipeline cursor allowDiskUse bypassDocumentValidation",
    "hint let collation explain",
  ),
  entry(
    "create",
    "other",
    create,
    "",
    "capped size max validator validationLevel validationAction collation timeseries expireAfterSeconds " +
      "viewOn pipeline clusteredIndex encryptedFields storageEngine indexOptionDefaults idIndex " +
      "autoIndexId changeStreamPreAndPostImages",
  ),
  entry("drop", "other", drop),
  entry("dropDatabase", "other", dropDatabase),
  entry(
    "listCollections",
    "other",
    listCollections,
    "filter nameOnly authorizedCollections cursor",
  ),
  entry("listIndexes", "other", listIndexes, "cursor"),
  entry("listDatabases", "other", listDatabases, "filter nameOnly authorizedDatabases"),
]);

function entry(
  name: string,
  kind: Command["kind"],
  run: Command["run"],
  takes = "",
  refuses = "",
): readonly [string, Command] {
  return [name, { kind, run, takes: words(takes), refuses: words(refuses) }];
}

function anything(name: string, run: Command["run"]): readonly [string, Command] {
  return [name, { kind: "other", run, takes: "anything", refuses: [] }];
}

function refuse({ name }: CommandRequest): never {
  throw unsupported(`the command ${name}`);
}
