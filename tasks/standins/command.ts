import { stopRequested } from "@playground/shared/lifecycle";
import { commandLineOf, wholeNumber } from "../terminal/command_line.ts";
import type { StandIn, StandInOptions } from "./stand_in.ts";

export interface StandInCommand {
  /** The file's path from the root, for the usage line. */
  readonly path: string;
  readonly summary: string;
  readonly usualPort: number;
  readonly start: (options: StandInOptions) => Promise<StandIn>;
}

/** Runs one stand-in alone, until Ctrl-C or SIGTERM. */
export async function runAlone({ path, summary, usualPort, start }: StandInCommand): Promise<void> {
  const { port, state } = standInCommandLine(path, summary)
    .option(
      "--port <port>",
      "listen there, or on the next free port; 0 for any",
      portNumber,
      usualPort,
    )
    .parse(Deno.args, { from: "user" })
    .opts();
  await using standIn = await start({ port, stateDirectory: state });
  console.log(`Listening on ${standIn.url}; Ctrl-C ends it`);
  await stopRequested();
}

/** What the commands of all stand-ins take. */
export function standInCommandLine(path: string, summary: string) {
  return commandLineOf(`deno run -P=standins ${path}`, summary)
    .option("--state <dir>", "keep the state in this folder (default: in memory)");
}

export const portNumber = wholeNumber(0, 65_535);
