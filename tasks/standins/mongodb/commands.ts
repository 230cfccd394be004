import { getLogger } from "@logtape/logtape";
import type { Faults } from "../faults/registry.ts";
import { checkNested, toValue } from "./bson.ts";
import {
  create,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  listIndexes,
} from "./catalog.ts";
import { MAX_DOCUMENT_BYTES } from "./collection.ts";
import { Arguments, type Command, CommandRequest, reply } from "./command.ts";
import type { Answer } from "./connection.ts";
import type { Cursors } from "./cursors.ts";
import { CommandError, unsupported } from "./errors.ts";
import { aggregate, count, distinct, find, getMore, killCursors } from "./read.ts";
import type { Store } from "./store.ts";
import { MAX_MESSAGE_BYTES, MAX_STATEMENTS, type Request } from "./wire.ts";
import { runInSlices, type Work } from "./work.ts";
import { deleteDocuments, insert, update } from "./write.ts";

const logger = getLogger(["standins", "mongodb"]);

const HANDSHAKES = "hello isMaster ismaster";

/** Commands that MongoDB has and the stand-in refuses; any other one is unknown. */
const REFUSED =
  "findAndModify findandmodify createIndexes dropIndexes renameCollection collMod mapReduce explain " +
  "collStats dbStats serverStatus validate";

/**
 * The commands, by the names that the wire has for them: what each understands besides the fields of every command, and what it
 * refuses although MongoDB understands it. Options that change no answer here are taken, and left.
 */
const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  // A driver tells of itself what it likes.
  ...entries(HANDSHAKES, "other", hello, "*"),
  ...entries("buildInfo buildinfo", "other", buildInfo),
  // Sessions hold nothing here.
  ...entries("ping endSessions", "other", () => reply()),
  ...entries("saslStart saslContinue authenticate", "other", refuseAuthentication, "*"),
  ...entries("commitTransaction abortTransaction", "other", refuseTransaction, "*"),
  ...entries(REFUSED, "other", refuse, "*"),
  ...entries("insert", "write", insert, "documents ordered bypassDocumentValidation"),
  ...entries("update", "write", update, "updates ordered bypassDocumentValidation", "let"),
  ...entries("delete", "write", deleteDocuments, "deletes ordered", "let"),
  ...entries(
    "find",
    "read",
    find,
    "filter sort projection skip limit batchSize singleBatch allowDiskUse allowPartialResults",
    "hint min max let collation returnKey showRecordId tailable awaitData oplogReplay noCursorTimeout",
  ),
  ...entries("getMore", "read", getMore, "collection batchSize"),
  ...entries("killCursors", "other", killCursors, "cursors"),
  ...entries("count", "read", count, "query skip limit", "hint collation fields"),
  ...entries("distinct", "read", distinct, "key query", "hint collation"),
  ...entries(
    "aggregate",
    "read",
    aggregate,
    "pipeline cursor allowDiskUse bypassDocumentValidation",
    "hint let collation explain",
  ),
  ...entries(
    "create",
    "other",
    create,
    "",
    "capped size max validator validationLevel validationAction collation timeseries expireAfterSeconds " +
      "viewOn pipeline clusteredIndex encryptedFields storageEngine indexOptionDefaults idIndex " +
      "autoIndexId changeStreamPreAndPostImages",
  ),
  ...entries("drop", "other", drop),
  ...entries("dropDatabase", "other", dropDatabase),
  ...entries(
    "listCollections",
    "other",
    listCollections,
    "filter nameOnly authorizedCollections cursor",
  ),
  ...entries("listIndexes", "other", listIndexes, "cursor"),
  ...entries("listDatabases", "other", listDatabases, "filter nameOnly authorizedDatabases"),
]);

/** Entries of the table; `*` takes anything. */
function entries(
  names: string,
  kind: Command["kind"],
  run: Command["run"],
  takes = "",
  refuses = "",
): readonly (readonly [string, Command])[] {
  const words = (text: string) => text.match(/\S+/g) ?? [];
  const command = { kind, run, takes: words(takes), refuses: words(refuses) };
  return names.split(" ").map((name) => [name, command]);
}

/** What every command takes (MongoDB specifications): of a standalone server, most of it changes no answer. */
const GENERIC_FIELDS =
  "$db $readPreference $clusterTime lsid comment maxTimeMS readConcern writeConcern".split(" ");

/** The stable API, which promises more than is kept here. */
const REFUSED_FIELDS = ["apiVersion", "apiStrict", "apiDeprecationErrors"];

export interface CommandContext {
  readonly store: Store;
  readonly cursors: Cursors;
  readonly faults: Faults;
  readonly signal: AbortSignal;
}

export function commandAnswerer(context: CommandContext): Answer {
  return async (request) => {
    const [name = ""] = request.command.keys();
    try {
      await applyFaults(COMMANDS.get(name)?.kind, context);
      return await run(name, request, context);
    } catch (error) {
      return encodeError(error, name);
    }
  };
}

const FAULTS = {
  OutOfDiskSpace: { code: 14031, message: "Cannot write: no space is left on the device" },
  InterruptedAtShutdown: { code: 11600, message: "interrupted at shutdown" },
  Unauthorized: { code: 13, message: "not authorized on messages to execute this command" },
} as const;

/** Lets commands on data fail, or take long. A handshake is none: the driver should find the server well, and its data not. */
async function applyFaults(
  kind: Command["kind"] = "other",
  { faults, signal }: CommandContext,
): Promise<void> {
  if (kind === "other") return;
  await faults.holdUp("mongodb.delay", signal);
  const error = faults.hit("mongodb.error");
  if (error !== undefined) throw new CommandError(FAULTS[error].code, FAULTS[error].message);
  if (kind === "write" && faults.hit("mongodb.not-primary")) {
    throw new CommandError(10107, "not primary");
  }
}

async function run(
  name: string,
  { isQuery, command: fields }: Request,
  { store, cursors, signal }: CommandContext,
): Promise<Uint8Array> {
  if (isQuery && !HANDSHAKES.split(" ").includes(name)) {
    throw new CommandError(
      352,
      `Unsupported OP_QUERY command: ${name}. The client driver may require an upgrade.`,
    );
  }
  const command = COMMANDS.get(name);
  if (command === undefined) throw new CommandError(59, `no such command: '${name}'`);
  const database = fields.get("$db")?.text ?? "admin";
  const budget = { leftMs: new Arguments(fields).count("maxTimeMS") || Infinity };
  const request = new CommandRequest(fields, name, database, store, cursors, budget);
  return await runInSlices(checkedWork(command, request), {
    request,
    signal,
    runSlice: (slice) => store.transaction(slice),
  });
}

function* checkedWork(command: Command, request: CommandRequest): Work<Uint8Array> {
  const { name, fields } = request;
  if (fields.has("txnNumber") || fields.has("startTransaction")) refuseTransaction();
  if (!command.takes.includes("*")) {
    yield* checkNested(fields.values());
    const refused = [...REFUSED_FIELDS, ...command.refuses];
    request.check(name, [name, ...GENERIC_FIELDS, ...command.takes], refused);
    checkConcerns(request);
  }
  const result = command.run(request);
  return result instanceof Uint8Array ? result : yield* result;
}

/** What a standalone server can promise: that it has what it says it has, and that it is alone. */
function checkConcerns(request: CommandRequest): void {
  const readConcern = request.document("readConcern");
  const writeConcern = request.document("writeConcern");
  new Arguments(readConcern).check("readConcern", ["level", "afterClusterTime", "provenance"]);
  new Arguments(writeConcern).check("writeConcern", ["w", "j", "wtimeout", "fsync", "provenance"]);
  const level = readConcern.get("level")?.text ?? "local";
  if (!["local", "available", "majority"].includes(level) || readConcern.has("afterClusterTime")) {
    throw new CommandError(
      123,
      `node needs to be a replica set member to use readConcern: ${level}`,
    );
  }
  const w = writeConcern.get("w");
  if (w !== undefined && w.text !== "majority" && ![0, 1].includes(w.number ?? NaN)) {
    throw new CommandError(2, "cannot use 'w' > 1 when a host is not replicated");
  }
}

function encodeError(error: unknown, name: string): Uint8Array {
  if (!(error instanceof CommandError)) {
    // The command's name only: an error of the store or a bug may quote what the client sent.
    logger.error("Cannot run a command: {command} failed with {error}", {
      command: name,
      error: error instanceof Error ? error.stack : String(error),
    });
  }
  const { code, codeName, message, details } = error instanceof CommandError
    ? error
    : new CommandError(1, "Cannot run the command: the stand-in failed; see its log");
  return toValue({ ok: 0, errmsg: message, code, codeName, ...details }).bytes;
}

/** The version whose behaviour is the model. Its wire version is 21 (MongoDB specifications, "Wire Version"). */
const VERSION = [7, 0, 0];

/** `hello` and its old name `isMaster`: a standalone server, so that drivers neither retry writes nor offer transactions. */
function hello(): Uint8Array {
  return reply({
    isWritablePrimary: true,
    ismaster: true,
    helloOk: true,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: MAX_STATEMENTS,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: 1,
    minWireVersion: 0,
    maxWireVersion: 21,
    readOnly: false,
  });
}

function buildInfo(): Uint8Array {
  return reply({
    version: VERSION.join("."),
    versionArray: [...VERSION, 0],
    gitVersion: "none: the stand-in of Tracing Playground",
    modules: [],
    bits: 64,
    debug: false,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  });
}

function refuse({ name }: CommandRequest): never {
  throw unsupported(`the command ${name}`);
}

function refuseAuthentication(): never {
  throw unsupported("authentication (leave user name and password out of the URL)", 18);
}

/** What belongs to a transaction; the answer is that of a standalone MongoDB. */
function refuseTransaction(): never {
  throw new CommandError(
    20,
    "Transaction numbers are only allowed on a replica set member or mongos",
  );
}
