/**
 * `deno task compile`: one binary for each service, from a bundle.
 *
 * The command line names the targets. Each one is bundled, the commit is written into the bundle, and the bundle is compiled with
 * its final permissions.
 *
 * @module
 */
import { Argument } from "@commander-js/extra-typings";
import { fail, startTask, taskCommandLine } from "@playground/tasks/terminal";
import { join, resolve } from "node:path";
import { currentCommit, makeExecutable, TARGET_NAMES, writeBinary, writeBundle } from "./build.ts";

const commandLine = taskCommandLine(
  "compile",
  "Compiles each service to one binary that needs nothing else, permissions included.",
)
  .addArgument(new Argument("[name...]", "what to compile (default: all)").choices(TARGET_NAMES))
  .option("--output <dir>", "where to put them", "dist")
  .option(
    "--allow-net <list>",
    `HOST:PORT, separated by commas, that the binaries may listen on and connect to (default: everything, since their configuration comes later)`,
    listOf,
  )
  .option(
    "--allow-read <list>",
    `paths that they may read, such as SMTP_CA's (default: none); the stand-in may also write them (default: all)`,
    listOf,
  )
  .option(
    "--bundle",
    "make bundles instead: NAME.js, which runs with these permissions on the deno in PATH",
  )
  .option("--commit <id>", "what --version says (default: what git says)")
  .addHelpText(
    "after",
    `
A binary reads only its own environment variables; a service may run, load and write nothing.
The permissions cannot be widened at run time. Every binary knows --version and healthcheck.`,
  )
  .parse(startTask(), { from: "user" });

const options = commandLine.opts();
// An empty list counts as not given, so that a Dockerfile can always name the option.
const given = (list: readonly string[] = []) => list.length === 0 ? undefined : list;
const access = { net: given(options.allowNet), files: given(options.allowRead) };
const output = resolve(options.output);
await Deno.mkdir(output, { recursive: true });
const commit = options.commit || await currentCommit();
const [names] = commandLine.processedArgs;
// One after the other: a bundle takes half a second, and most failures concern all targets.
for (const target of names.length === 0 ? TARGET_NAMES : new Set(names)) {
  const path = join(output, options.bundle ? `${target}.js` : target);
  // The bundle of a binary has no permissions, and may not take the place of one that has.
  const bundle = options.bundle ? path : await Deno.makeTempFile({ suffix: ".js" });
  const problem = await writeBundle(target, bundle, commit) ??
    (options.bundle ? undefined : await writeBinary(target, bundle, path, access));
  if (!options.bundle) await Deno.remove(bundle);
  if (problem !== undefined) fail(problem);
  if (options.bundle) await makeExecutable(target, bundle, access);
  const { size } = await Deno.stat(path);
  console.log(`${path}  ${(size / 1e6).toFixed(1)} MB`);
}

function listOf(text: string): readonly string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}
