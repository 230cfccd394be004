import type { Faults } from "../faults/registry.ts";
import { commandName, encodeError } from "./commands/dispatch.ts";
import { COMMANDS } from "./commands/table.ts";
import type { Answer } from "./connection.ts";
import { CommandError } from "./errors.ts";

const ERRORS = {
  OutOfDiskSpace: new CommandError(14031, "Cannot write: no space is left on the device"),
  InterruptedAtShutdown: new CommandError(11600, "interrupted at shutdown"),
  Unauthorized: new CommandError(13, "not authorized on messages to execute this command"),
} as const;

/** Lets commands on data fail, or take long. A handshake is none: the driver should find the server well, and its data not. */
export function faultyAnswer(answer: Answer, faults: Faults, signal: AbortSignal): Answer {
  return async (request) => {
    const name = commandName(request);
    const kind = COMMANDS.get(name)?.kind;
    if (kind === undefined || kind === "other") return await answer(request);
    await faults.holdUp("mongodb.delay", signal);
    const error = faults.hit("mongodb.error");
    if (error !== undefined) return encodeError(ERRORS[error], name);
    if (kind === "write" && faults.hit("mongodb.not-primary")) {
      return encodeError(new CommandError(10107, "not primary"), name);
    }
    return await answer(request);
  };
}
