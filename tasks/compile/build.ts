import { ROOT } from "@playground/tasks/running-system";
import { type BakedAccess, bakedFlags, entryPointOf, type TargetName } from "./targets.ts";

/** Options of `deno run` and `deno compile` for a bundle, which has no deno.json beside it. */
export const BUNDLE_FLAGS = ["--no-config", "--no-lock", "--unstable-cron"] as const;

/** The result of making a bundle or a binary. */
export type BuildResult =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problem: string };

/** Puts a target and all that it imports into one minified file, which any Deno runs. */
export async function writeBundle(
  target: TargetName,
  path: string,
  commit: string,
): Promise<BuildResult> {
  const { code, output } = await runDeno([
    "bundle",
    "--minify",
    "--platform=deno",
    "--output",
    path,
    entryPointOf(target),
  ]);
  if (code !== 0) return { ok: false, problem: `Cannot bundle ${target}: ${whyFailed(output)}` };
  await prepend(path, preamble(commit));
  return { ok: true, path };
}

/**
 * What runs before anything that was bundled: the commit, and a `require` for the CommonJS packages in it. `deno bundle` adds one
 * as well, but misses it where minifying has put a `$` into its name.
 */
function preamble(commit: string): string {
  return [
    `globalThis.PLAYGROUND_COMMIT=${JSON.stringify(commit)};`,
    'import{createRequire as __createRequire}from"node:module";',
    "var require=__createRequire(import.meta.url);\n",
  ].join("");
}

/**
 * Makes a bundle a program that runs itself, with the permissions that its binary would have. The shell reads the second line as
 * a no-op and a command that starts Deno; JavaScript reads it as a string and a comment.
 */
export async function makeExecutable(
  target: TargetName,
  path: string,
  access: BakedAccess,
): Promise<void> {
  const words = ["run", ...BUNDLE_FLAGS, "--no-check", "--ext=js", ...bakedFlags(target, access)];
  const command = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  await prepend(path, `#!/bin/sh\n":" //; exec deno ${command} "$0" "$@"\n`);
  await Deno.chmod(path, 0o755);
}

export async function writeBinary(
  target: TargetName,
  bundle: string,
  path: string,
  access: BakedAccess,
): Promise<BuildResult> {
  const { code, output } = await runDeno([
    "compile",
    ...BUNDLE_FLAGS,
    "--no-check",
    // The cache would go beside the binary, into a file system that may be read-only.
    "--no-code-cache",
    ...bakedFlags(target, access),
    "--output",
    path,
    bundle,
  ]);
  if (code === 0) return { ok: true, path };
  const instead =
    `, or set DENORT_BIN to the denort of Deno ${Deno.version.deno}, or make bundles for \`deno run\` with --bundle`;
  return { ok: false, problem: `Cannot compile ${target}: ${whyFailed(output, instead)}` };
}

/** The commit of the working tree, for `--version`. */
export async function currentCommit(): Promise<string> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
      cwd: ROOT,
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : "unknown";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "unknown";
    throw error;
  }
}

async function runDeno(
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** What Deno downloads to make bundles and binaries, by a word in its URL. */
const DOWNLOADS = [
  { word: "denort", name: "Deno's base binary" },
  { word: "esbuild", name: "the bundler esbuild" },
] as const;

function whyFailed(output: string, instead = ""): string {
  const url = /error sending request for url \((?<url>[^)\s]+)\)/.exec(output)?.groups?.url;
  if (url === undefined) return `Deno failed; it said:\n${output}`;
  const name = DOWNLOADS.find(({ word }) => url.includes(word))?.name ?? "a package";
  return `${name} could not be downloaded from ${url}; connect to the internet${instead}`;
}

async function prepend(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text + await Deno.readTextFile(path));
}
