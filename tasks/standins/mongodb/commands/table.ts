import { unsupported } from "../errors.ts";
import {
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  listIndexes,
} from "./catalog.ts";
import { type Command, type CommandRequest, reply } from "./command.ts";
import { buildInfo, hello, refuseAuthentication, refuseTransaction } from "./handshake.ts";
import { aggregate, count, distinct, find, getMore, killCursors } from "./read.ts";
import { deleteDocuments, insert, update } from "./write.ts";

// A driver tells of itself what it likes.
const handshake: Command = { kind: "other", takes: "anything", refuses: [], run: hello };
/** Commands that MongoDB has and the stand-in refuses; any other one is unknown. */
const REFUSED = words(
  "findAndModify findandmodify createIndexes dropIndexes mapReduce explain renameCollection collMod collStats dbStats serverStatus validate",
);

/** The commands, by the names that the wire has for them. Options that change no answer here are taken, and left. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["hello", handshake],
  ["isMaster", handshake],
  ["ismaster", handshake],
  ["buildInfo", other(buildInfo)],
  ["buildinfo", other(buildInfo)],
  ["ping", other(() => reply())],
  // Sessions hold nothing here.
  ["endSessions", other(() => reply())],
  ["saslStart", refused(refuseAuthentication)],
  ["saslContinue", refused(refuseAuthentication)],
  ["authenticate", refused(refuseAuthentication)],
  ["commitTransaction", refused(refuseTransaction)],
  ["abortTransaction", refused(refuseTransaction)],
  ["insert", {
    kind: "write",
    takes: words("documents ordered bypassDocumentValidation"),
    refuses: [],
    run: insert,
  }],
  ["update", {
    kind: "write",
    takes: words("updates ordered bypassDocumentValidation"),
    refuses: ["let"],
    run: update,
  }],
  ["delete", {
    kind: "write",
    takes: words("deletes ordered"),
    refuses: ["let"],
    run: deleteDocuments,
  }],
  ["find", {
    kind: "read",
    takes: words(
      "filter sort projection skip limit batchSize singleBatch allowDiskUse allowPartialResults",
    ),
    refuses: words(
      "hint min max let collation returnKey showRecordId tailable awaitData oplogReplay noCursorTimeout",
    ),
    run: find,
  }],
  ["getMore", { kind: "read", takes: words("collection batchSize"), refuses: [], run: getMore }],
  ["killCursors", other(killCursors, ["cursors"])],
  ["count", {
    kind: "read",
    takes: words("query skip limit"),
    refuses: words("hint collation fields"),
    run: count,
  }],
  ["distinct", {
    kind: "read",
    takes: words("key query"),
    refuses: words("hint collation"),
    run: distinct,
  }],
  ["aggregate", {
    kind: "read",
    takes: words("pipeline cursor allowDiskUse bypassDocumentValidation"),
    refuses: words("hint let collation explain"),
    run: aggregate,
  }],
  ["create", {
    kind: "other",
    takes: [],
    refuses: words(
      "capped size max validator validationLevel validationAction collation timeseries expireAfterSeconds viewOn pipeline clusteredIndex encryptedFields storageEngine indexOptionDefaults changeStreamPreAndPostImages autoIndexId idIndex",
    ),
    run: create,
  }],
  ["drop", other(drop)],
  ["dropDatabase", other(dropDatabase)],
  [
    "listCollections",
    other(listCollections, words("filter nameOnly authorizedCollections cursor")),
  ],
  ["listIndexes", other(listIndexes, words("cursor"))],
  ["listDatabases", other(listDatabases, words("filter nameOnly authorizedDatabases"))],
  ...REFUSED.map((name) => [name, refused(refuse)] as const),
]);

function words(text: string): readonly string[] {
  return text.split(" ");
}

function other(run: Command["run"], takes: readonly string[] = []): Command {
  return { kind: "other", takes, refuses: [], run };
}

function refused(refuse: (request: CommandRequest) => never): Command {
  return { kind: "other", takes: "anything", refuses: [], run: refuse };
}

function refuse({ name }: CommandRequest): never {
  throw unsupported(`the command ${name}`);
}
