import { parseArgs } from "node:util";
import type { ParsedCommandLine } from "@playground/tasks/terminal";
import { type BakedAccess, TARGET_NAMES, type TargetName } from "./targets.ts";

/** What the command line says. */
export interface CompileArguments {
  /** What to compile. */
  readonly targets: readonly TargetName[];
  /** The folder for what is made, as given. */
  readonly output: string;
  /** What the binaries may reach. */
  readonly access: BakedAccess;
  /** Whether to make bundles only. */
  readonly bundleOnly: boolean;
  /** The commit for `--version`; absent: what git says. */
  readonly commit: string | undefined;
}

/** The arguments, a wish for help, or what is wrong. */
export type ParsedArguments = ParsedCommandLine<
  { readonly kind: "run"; readonly arguments: CompileArguments }
>;

/** What `--help` tells. */
export const HELP =
  `Compiles each service to one binary that needs nothing else, permissions included.

Usage: deno task compile [options] [NAME …]

  NAME               one or several of: ${TARGET_NAMES.join(", ")}
                     (default: all)
  --output DIR       where to put them (default dist)
  --allow-net=LIST   HOST:PORT, separated by commas, that the binaries may listen on and connect to
                     (default: everything, since their configuration comes later)
  --allow-read=LIST  paths that they may read, such as that of SMTP_CA (default: none; the stand-in
                     may read and write these paths, by default all)
  --bundle           make minified bundles only: NAME.js, to be run with deno run --unstable-cron
  --commit ID        what --version tells (default: what git says)
  --help             this text

A binary has its own environment variables, and nothing may be run, loaded or written by a service.
The permissions cannot be widened when it is run. Every binary knows --version and healthcheck.`;

/** Reads the command line. */
export function parseArguments(args: readonly string[]): ParsedArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        output: { type: "string", default: "dist" },
        "allow-net": { type: "string" },
        "allow-read": { type: "string" },
        bundle: { type: "boolean", default: false },
        commit: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) return { kind: "help" };
    const unknown = positionals.find((name) => !TARGET_NAMES.some((target) => target === name));
    if (unknown !== undefined) {
      return usage(`there is no "${unknown}"; choose from ${TARGET_NAMES.join(", ")}`);
    }
    return {
      kind: "run",
      arguments: {
        targets: positionals.length === 0
          ? TARGET_NAMES
          : TARGET_NAMES.filter((name) => positionals.includes(name)),
        output: values.output,
        access: {
          ...listOption("net", values["allow-net"]),
          ...listOption("files", values["allow-read"]),
        },
        bundleOnly: values.bundle,
        commit: values.commit === "" ? undefined : values.commit,
      },
    };
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

/** An empty list counts as not given, so that a Dockerfile can always name the option. */
function listOption(key: keyof BakedAccess, list: string | undefined): BakedAccess {
  const items = (list ?? "").split(",").map((item) => item.trim()).filter((item) => item !== "");
  return items.length === 0 ? {} : { [key]: items };
}

function usage(problem: string): ParsedArguments {
  return { kind: "usage", problem };
}
