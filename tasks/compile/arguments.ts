import { Argument } from "@commander-js/extra-typings";
import { taskCommandLine } from "@playground/tasks/terminal";
import { type BakedAccess, TARGET_NAMES, type TargetName } from "./targets.ts";

export const commandLine = taskCommandLine(
  "compile",
  "Compiles each service to one binary that needs nothing else, permissions included.",
)
  .addArgument(
    new Argument("[name...]", "what to compile (default: all)").choices(TARGET_NAMES),
  )
  .option("--output <dir>", "where to put them", "dist")
  .option(
    "--allow-net <list>",
    `HOST:PORT, separated by commas, that the binaries may listen on and connect to (default: everything, since their configuration comes later)`,
    listOf,
  )
  .option(
    "--allow-read <list>",
    `paths that they may read, such as that of SMTP_CA (default: none; the stand-in may read and write these paths, by default all)`,
    listOf,
  )
  .option(
    "--bundle",
    "make minified bundles instead: NAME.js, which starts the deno of the PATH with these permissions",
  )
  .option("--commit <id>", "what --version says (default: what git says)")
  .addHelpText(
    "after",
    `
A binary has its own environment variables, and nothing may be run, loaded or written by a service.
The permissions cannot be widened when it is run. Every binary knows --version and healthcheck.`,
  );

export type CompileOptions = ReturnType<typeof commandLine.opts>;

/** What the binaries may reach. An empty list counts as not given, so that a Dockerfile can always name the option. */
export function accessOf({ allowNet = [], allowRead = [] }: CompileOptions): BakedAccess {
  return {
    ...(allowNet.length === 0 ? {} : { net: allowNet }),
    ...(allowRead.length === 0 ? {} : { files: allowRead }),
  };
}

export function targetsOf(names: readonly TargetName[]): readonly TargetName[] {
  return names.length === 0 ? TARGET_NAMES : TARGET_NAMES.filter((name) => names.includes(name));
}

function listOf(text: string): readonly string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}
