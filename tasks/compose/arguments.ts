import { join, resolve } from "node:path";
import { ROOT } from "@playground/tasks/running-system";

/** The options that `up`, `down` and `logs` share. */
export const COMMON_OPTIONS = {
  "env-file": { type: "string", default: join(ROOT, ".env") },
  help: { type: "boolean", short: "h" },
} as const;

/** What `parseArgs` makes of {@linkcode COMMON_OPTIONS} and of others. */
interface Parsed {
  readonly values: { readonly help?: boolean | undefined; readonly "env-file": string };
}

/** Reads the command line; for `--help` and for wrong usage it says so and ends the process. */
export function readArguments<Result extends Parsed>(
  help: string,
  parse: () => Result,
): Result & { readonly envFile: string } {
  try {
    const parsed = parse();
    if (parsed.values.help === true) {
      console.log(help);
      Deno.exit(0);
    }
    return { ...parsed, envFile: resolve(parsed.values["env-file"]) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`Cannot read the options: ${error.message}; see --help`);
    Deno.exit(2);
  }
}
