import { parseArgs } from "node:util";
import { stopRequested } from "@playground/shared/lifecycle";
import type { StandIn, StandInOptions } from "./stand_in.ts";

export interface StandInCommand {
  /** The file's path from the root, for the usage line. */
  readonly path: string;
  readonly summary: string;
  readonly usualPort: number;
  readonly start: (options: StandInOptions) => Promise<StandIn>;
}

/** Runs one stand-in alone, until Ctrl-C or SIGTERM. */
export async function runAlone(command: StandInCommand): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      port: { type: "string", default: String(command.usualPort) },
      state: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(`${command.summary}

Usage: deno run -P=standins ${command.path} [options]

  --port PORT   listen there, or on the next free port (default ${command.usualPort}, 0 for any)
  --state DIR   keep the state in this folder (default: in memory)
  --help        this text`);
    return;
  }
  const port = portNumber(values.port);
  await using standIn = await command.start({ port, stateDirectory: values.state });
  console.log(`Listening on ${standIn.url}; Ctrl-C ends it`);
  await stopRequested();
}

/** Ends the process with a sentence where a text is no port. */
export function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  console.error(`Cannot listen on port "${text}": it is no port number; give one from 0 to 65535`);
  return Deno.exit(2);
}
