import type { Faults } from "../faults/registry.ts";
import { encodeError } from "./commands/dispatch.ts";
import type { Answer } from "./connection.ts";
import { CommandError } from "./errors.ts";

/** The commands that write documents. */
const WRITES: ReadonlySet<string> = new Set([
  "insert",
  "update",
  "delete",
  "findAndModify",
  "findandmodify",
]);

/** The commands that read them. A handshake is none: the driver should find the server well, and its data not. */
const READS: ReadonlySet<string> = new Set(["find", "getMore", "aggregate", "count", "distinct"]);

/** What the errors that a person can choose look like. */
const ERRORS = {
  OutOfDiskSpace: new CommandError(14031, "Cannot write: no space is left on the device"),
  InterruptedAtShutdown: new CommandError(11600, "interrupted at shutdown"),
  Unauthorized: new CommandError(13, "not authorized on messages to execute this command"),
} as const;

/** Lets commands on data fail, or take long. */
export function faultyAnswer(answer: Answer, faults: Faults, signal: AbortSignal): Answer {
  return async (command) => {
    const [name = ""] = Object.keys(command.body);
    const isWrite = WRITES.has(name);
    if (!isWrite && !READS.has(name)) return await answer(command);
    await faults.holdUp("mongodb.delay", signal);
    const error = faults.hit("mongodb.error");
    if (error !== undefined) return encodeError(ERRORS[error], command);
    if (isWrite && faults.hit("mongodb.not-primary")) {
      return encodeError(new CommandError(10107, "not primary"), command);
    }
    return await answer(command);
  };
}
