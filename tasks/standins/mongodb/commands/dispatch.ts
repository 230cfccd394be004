import { getLogger } from "@logtape/logtape";
import { numberOf } from "../bson/number.ts";
import { checkNested, type Fields, textOf, toValue } from "../bson/value.ts";
import type { Answer } from "../connection.ts";
import type { Cursors } from "../cursors.ts";
import { CommandError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { runInSlices, type Work } from "../work.ts";
import type { Request } from "../wire/request.ts";
import { checkFields, countArgument, documentArgument } from "./arguments.ts";
import { type Command, type CommandRequest, words } from "./command.ts";
import { refuseTransaction } from "./handshake.ts";
import { COMMANDS } from "./table.ts";

const logger = getLogger(["standins", "mongodb"]);

const HANDSHAKES: ReadonlySet<string> = new Set(["hello", "isMaster", "ismaster"]);

/** What every command takes (MongoDB specifications): of a standalone server, most of it changes no answer. */
const GENERIC_FIELDS = words(
  "$db $readPreference $clusterTime lsid comment maxTimeMS readConcern writeConcern",
);

export interface CommandContext {
  readonly store: Store;
  readonly cursors: Cursors;
  readonly signal: AbortSignal;
}

export function commandAnswerer(surroundings: CommandContext): Answer {
  return async (request) => {
    try {
      return await run(request, surroundings);
    } catch (error) {
      return encodeError(error, commandName(request));
    }
  };
}

export function commandName({ command }: Request): string {
  const [name = ""] = command.keys();
  return name;
}

async function run(
  { operation, command: fields }: Request,
  { store, cursors, signal }: CommandContext,
): Promise<Uint8Array> {
  const [name = ""] = fields.keys();
  if (operation === "query" && !HANDSHAKES.has(name)) {
    throw new CommandError(
      352,
      `Unsupported OP_QUERY command: ${name}. The client driver may require an upgrade.`,
    );
  }
  const command = COMMANDS.get(name);
  if (command === undefined) throw new CommandError(59, `no such command: '${name}'`);
  const request: CommandRequest = {
    name,
    database: textOf(fields.get("$db")) ?? "admin",
    fields,
    store,
    cursors,
    budget: { leftMs: countArgument(fields, "maxTimeMS") || Infinity },
  };
  const work = checkedWork(command, request);
  return await runInSlices(work, {
    request,
    signal,
    runSlice: (slice) => store.transaction(slice),
  });
}

function* checkedWork(command: Command, request: CommandRequest): Work<Uint8Array> {
  const { name, fields } = request;
  if (fields.has("txnNumber") || fields.has("startTransaction")) refuseTransaction();
  if (command.takes !== "anything") {
    yield* checkNested(fields);
    checkFields(fields, name, {
      known: [name, ...GENERIC_FIELDS, ...command.takes],
      refused: command.refuses,
    });
    checkConcerns(fields);
  }
  const result = command.run(request);
  return result instanceof Uint8Array ? result : yield* result;
}

/** What a standalone server can promise: that it has what it says it has, and that it is alone. */
function checkConcerns(fields: Fields): void {
  const readConcern = documentArgument(fields, "readConcern");
  const level = textOf(readConcern.get("level")) ?? "local";
  if (!["local", "available", "majority"].includes(level) || readConcern.has("afterClusterTime")) {
    throw new CommandError(
      123,
      `node needs to be a replica set member to use readConcern: ${level}`,
    );
  }
  const w = documentArgument(fields, "writeConcern").get("w");
  if (w !== undefined && textOf(w) !== "majority" && ![0, 1].includes(numberOf(w) ?? NaN)) {
    throw new CommandError(2, "cannot use 'w' > 1 when a host is not replicated");
  }
}

export function encodeError(error: unknown, name: string): Uint8Array {
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
