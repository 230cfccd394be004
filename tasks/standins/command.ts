import { commandLineOf, wholeNumber } from "../terminal/command_line.ts";

/** The options of all stand-ins' commands. */
export function standInCommandLine(path: string, summary: string) {
  return commandLineOf(`deno run -P=standins ${path}`, summary)
    .option("--state <dir>", "keep the state in this folder (default: in memory)");
}

export const portNumber = wholeNumber(0, 65_535);
