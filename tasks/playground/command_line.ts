import { parseArgs, type ParseArgsConfig } from "node:util";

/** The exit code for a command line that cannot be understood. */
const EXIT_USAGE = 2;

/**
 * Reads the command line of a task, or ends it with a sentence that says what to do.
 *
 * @param task The task, as one types it after `deno task`.
 * @param config What the task takes; see `parseArgs` of `node:util`, which reads the arguments of the process itself.
 * @returns Options and positional arguments.
 */
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
