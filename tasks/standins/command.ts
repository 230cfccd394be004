import { commandLineOf, endOnExpectedErrors, wholeNumber } from "../terminal/command_line.ts";

/** Starts a command that runs stand-ins, which ends on expected errors; returns its command line. */
export function startStandInCommand(path: string, summary: string) {
  endOnExpectedErrors();
  return commandLineOf(`deno run -P=standins ${path}`, summary)
    .option("--state <dir>", "keep the state in this folder (default: in memory)");
}

export const portNumber = wholeNumber(0, 65_535);
