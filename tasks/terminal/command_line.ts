import { parseArgs, type ParseArgsConfig } from "node:util";

/** The exit code for a command line that cannot be understood. */
const EXIT_USAGE = 2;

/** A command line that was read: what to do, a wish for help, or what is wrong. */
export type ParsedCommandLine<Run extends { readonly kind: "run" }> =
  | Run
  | { readonly kind: "help" }
  | { readonly kind: "usage"; readonly problem: string };

/** What is said about a command line that does not lead to anything. */
export interface CommandLineTexts {
  /** The task, as one types it after `deno task`. */
  readonly task: string;
  /** What cannot be done, such as `send`. */
  readonly purpose: string;
  /** What `--help` tells. */
  readonly help: string;
}

/**
 * Takes what a command line says to do. Where it asks for help, or is wrong, it says so and ends the process.
 */
export function runOrExit<Run extends { readonly kind: "run" }>(
  parsed: ParsedCommandLine<Run>,
  { task, purpose, help }: CommandLineTexts,
): Run {
  switch (parsed.kind) {
    case "help":
      console.log(help);
      return Deno.exit(0);
    case "usage":
      console.error(`Cannot ${purpose}: ${parsed.problem}; see deno task ${task} --help`);
      return Deno.exit(EXIT_USAGE);
    default:
      return parsed;
  }
}

/** Reads the command line of a task, or ends it with a sentence that says what to do. */
export function parseArgsOrExit<Config extends ParseArgsConfig>(
  task: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`Cannot understand the command: ${error.message}; see deno task ${task} --help`);
    Deno.exit(EXIT_USAGE);
  }
}
