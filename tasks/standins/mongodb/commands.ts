import { getLogger } from "@logtape/logtape";
import type { Faults } from "../faults/registry.ts";
import { checkNested, toValue } from "./bson.ts";
import * as catalog from "./catalog.ts";
import { MAX_DOCUMENT_BYTES } from "./collection.ts";
import { Arguments, CommandRequest, reply } from "./command.ts";
import type { Cursors } from "./cursors.ts";
import { CommandError, unsupported } from "./errors.ts";
import { aggregate, count, distinct, find, getMore, killCursors } from "./read.ts";
import type { Store } from "./store.ts";
import { MAX_MESSAGE_BYTES, MAX_STATEMENTS, type Request } from "./wire.ts";
import { runInSlices, type Work } from "./work.ts";
import { deleteDocuments, insert, update } from "./write.ts";

const logger = getLogger(["standins", "mongodb"]);

interface Command {
  /** Reads and writes of documents can be made to fail. */
  readonly kind: "read" | "write" | "other";
  /** Runs it; returns the encoded reply, at once or in slices. */
  readonly run: (request: CommandRequest) => Uint8Array | Work<Uint8Array>;
  /** The fields that it understands, besides those of every command. */
  readonly takes: readonly string[];
}

/** By their names on the wire; `*` is any field. Options that change no answer here are accepted and ignored. */
const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  // A driver may describe itself freely.
  ...entries("hello isMaster ismaster", "other", hello, "*"),
  ...entries("buildInfo buildinfo", "other", buildInfo),
  // Sessions have no state here.
  ...entries("ping endSessions", "other", () => reply()),
  ...entries("saslStart saslContinue authenticate", "other", refuseAuthentication, "*"),
  ...entries("insert", "write", insert, "documents ordered bypassDocumentValidation"),
  ...entries("update", "write", update, "updates ordered bypassDocumentValidation"),
  ...entries("delete", "write", deleteDocuments, "deletes ordered"),
  ...entries(
    "find",
    "read",
    find,
    "filter sort projection skip limit batchSize singleBatch allowDiskUse allowPartialResults",
  ),
  ...entries("getMore", "read", getMore, "collection batchSize"),
  ...entries("killCursors", "other", killCursors, "cursors"),
  ...entries("count", "read", count, "query skip limit"),
  ...entries("distinct", "read", distinct, "key query"),
  ...entries("aggregate", "read", aggregate, "pipeline cursor allowDiskUse"),
  ...entries("create", "other", catalog.create),
  ...entries("drop", "other", catalog.drop),
  ...entries("dropDatabase", "other", catalog.dropDatabase),
  ...entries(
    "listCollections",
    "other",
    catalog.listCollections,
    "filter nameOnly authorizedCollections cursor",
  ),
  ...entries("listIndexes", "other", catalog.listIndexes, "cursor"),
  ...entries(
    "listDatabases",
    "other",
    catalog.listDatabases,
    "filter nameOnly authorizedDatabases",
  ),
]);

function entries(
  names: string,
  kind: Command["kind"],
  run: Command["run"],
  takes = "",
): readonly (readonly [string, Command])[] {
  return names.split(" ").map((name) => [name, { kind, run, takes: takes.match(/\S+/g) ?? [] }]);
}

/** The fields of every command (MongoDB specifications); on a standalone server, most change no answer. */
const GENERIC_FIELDS =
  "$db $readPreference $clusterTime lsid comment maxTimeMS readConcern writeConcern".split(" ");

export interface CommandContext {
  readonly store: Store;
  readonly cursors: Cursors;
  readonly faults: Faults;
  readonly signal: AbortSignal;
}

export async function answer(request: Request, context: CommandContext): Promise<Uint8Array> {
  const [name = ""] = request.command.keys();
  try {
    await applyFaults(COMMANDS.get(name)?.kind, context);
    return await run(name, request, context);
  } catch (error) {
    return encodeError(error, name);
  }
}

const FAULTS = {
  OutOfDiskSpace: { code: 14031, message: "Cannot write: no space is left on the device" },
  InterruptedAtShutdown: { code: 11600, message: "interrupted at shutdown" },
  Unauthorized: { code: 13, message: "not authorized on messages to execute this command" },
} as const;

/** Makes commands on data fail, or take long. Handshakes succeed: the driver finds a healthy server whose data commands fail. */
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
  if (fields.has("txnNumber")) {
    // The answer of a standalone MongoDB, which drivers know.
    const reason = "Transaction numbers are only allowed on a replica set member or mongos";
    throw new CommandError(20, reason);
  }
  const command = COMMANDS.get(name);
  // Drivers use OP_QUERY only to begin a connection.
  if (command === undefined || (isQuery && command.run !== hello)) {
    throw unsupported(`the command ${name}`, 59);
  }
  const database = fields.get("$db")?.text ?? "admin";
  const budget = { leftMs: new Arguments(fields).count("maxTimeMS") || Infinity };
  const request = new CommandRequest(fields, name, database, store, cursors, budget);
  const work = checkedWork(command, request);
  return await runInSlices(work, request, (slice) => store.inTransaction(slice), signal);
}

function* checkedWork(command: Command, request: CommandRequest): Work<Uint8Array> {
  const { name, fields } = request;
  if (!command.takes.includes("*")) {
    yield* checkNested(fields.values());
    request.check(name, [name, ...GENERIC_FIELDS, ...command.takes]);
    checkConcerns(request);
  }
  const result = command.run(request);
  return result instanceof Uint8Array ? result : yield* result;
}

/** Refuses guarantees that a standalone server cannot give. */
function checkConcerns(request: CommandRequest): void {
  const readConcern = new Arguments(request.document("readConcern"));
  const writeConcern = new Arguments(request.document("writeConcern"));
  readConcern.check("readConcern", ["level"]);
  writeConcern.check("writeConcern", ["w", "j", "wtimeout", "fsync"]);
  const level = readConcern.fields.get("level")?.text ?? "local";
  if (!["local", "available", "majority"].includes(level)) {
    throw unsupported(`the read concern ${level}`, 123);
  }
  const w = writeConcern.fields.get("w");
  if (w !== undefined && w.text !== "majority" && ![0, 1].includes(w.number ?? NaN)) {
    throw new CommandError(2, "cannot use 'w' > 1 when a host is not replicated");
  }
}

function encodeError(error: unknown, name: string): Uint8Array {
  if (error instanceof CommandError) {
    const { code, codeName, message, details } = error;
    return toValue({ ok: 0, errmsg: message, code, codeName, ...details }).bytes;
  }
  // Not the command itself: it has a client's data.
  logger.error("Cannot run a command: {command} failed with {error}", { command: name, error });
  const answer = "Cannot run the command: the stand-in failed; see its log";
  return encodeError(new CommandError(1, answer), name);
}

/** The version that is modelled. Its wire version is 21 (MongoDB specifications, "Wire Version"). */
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
    logicalSessionTimeoutMinutes: 30,
    minWireVersion: 0,
    maxWireVersion: 21,
  });
}

function buildInfo(): Uint8Array {
  return reply({
    version: VERSION.join("."),
    versionArray: [...VERSION, 0],
    gitVersion: "none: the stand-in of Tracing Playground",
    modules: [],
  });
}

function refuseAuthentication(): never {
  throw unsupported("authentication (leave user name and password out of the URL)", 18);
}
