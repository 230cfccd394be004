/**
 * `deno task compile`: one binary for each service, from a minified bundle.
 *
 * The command line says what to make; each target is bundled, the commit is written into the bundle, and the bundle is compiled
 * with the permissions that it will have for good.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { accessOf, commandLine, type CompileOptions, targetsOf } from "./arguments.ts";
import { writeBinary } from "./binary.ts";
import { type BuildResult, makeExecutable, writeBundle } from "./bundle.ts";
import { currentCommit } from "./commit.ts";
import type { TargetName } from "./targets.ts";

const EXIT_FAILED = 1;

commandLine.parse(Deno.args, { from: "user" });
const [names] = commandLine.processedArgs;
Deno.exit(await compileAll(targetsOf(names), commandLine.opts()));

async function compileAll(
  targets: readonly TargetName[],
  options: CompileOptions,
): Promise<number> {
  const output = resolve(options.output);
  await Deno.mkdir(output, { recursive: true });
  const commit = options.commit || await currentCommit();
  // One after the other: a bundle takes half a second, and what stops one of them mostly stops all.
  for (const target of targets) {
    const result = await make(target, output, commit, options);
    if (!result.ok) {
      console.error(result.problem);
      return EXIT_FAILED;
    }
    const { size } = await Deno.stat(result.path);
    console.log(`${result.path}  ${(size / 1e6).toFixed(1)} MB`);
  }
  return 0;
}

async function make(
  target: TargetName,
  output: string,
  commit: string,
  options: CompileOptions,
): Promise<BuildResult> {
  const bundle = await writeBundle(target, join(output, `${target}.js`), commit);
  if (!bundle.ok) return bundle;
  const access = accessOf(options);
  if (options.bundle) {
    await makeExecutable(target, bundle.path, access);
    return bundle;
  }
  return await writeBinary(target, bundle.path, join(output, target), access);
}
