/**
 * The parts of `deno task compile`, shared with the tests that run bundles: a target's entry point is bundled into one
 * file, and the bundle and the permissions become a binary.
 *
 * @module
 */
import { ROOT } from "@playground/tasks/running-system";
import { type Access, accessFlags, SERVICE_NAMES, SERVICES } from "@playground/tasks/system";

/** What can be compiled: the services, and the Mailtrap stand-in for people without an account. */
export const TARGET_NAMES = [...SERVICE_NAMES, "mailtrap-stand-in"] as const;

/** One of {@linkcode TARGET_NAMES}. */
type TargetName = typeof TARGET_NAMES[number];

/**
 * The permissions of a binary: its own environment variables, and what is given. They cannot be widened at run time. Without a
 * list it reaches every address; a service reads no file, the stand-in reads and writes all.
 */
export function bakedFlags(
  target: TargetName,
  { net = "any", files }: Partial<Access>,
): readonly string[] {
  if (target !== "mailtrap-stand-in") return accessFlags(target, { net, files: files ?? [] });
  const paths = files === undefined ? "" : `=${files.join(",")}`;
  return [
    "--no-prompt",
    net === "any" ? "--allow-net" : `--allow-net=${net.join(",")}`,
    `--allow-read${paths}`,
    `--allow-write${paths}`,
    "--ignore-env",
  ];
}

/**
 * V8 takes kinds of objects that outlive the start of a load for long-lived ones, and allocates them in the old generation from
 * then on. Dead requests there keep younger objects alive, and collections take longer (`tests/bench/results.md`). `deno task dev`
 * does not set it, since it is ready sooner without.
 */
export const V8_FLAGS = "--v8-flags=--no-allocation-site-pretenuring";

/** Options of `deno run` and `deno compile` for a bundle, which has no deno.json beside it. */
export const BUNDLE_FLAGS = ["--no-config", "--no-lock", "--unstable-cron", V8_FLAGS] as const;

/**
 * Puts a target and all that it imports into one file, which any Deno runs. Returns why it cannot.
 *
 * It is not minified: esbuild then inlines some variables that are declared with `using`, which are never disposed
 * (https://github.com/evanw/esbuild/issues/4482).
 */
export async function writeBundle(
  target: TargetName,
  path: string,
  commit: string,
): Promise<string | undefined> {
  const entryPoint = target === "mailtrap-stand-in"
    ? "tasks/standins/mailtrap/main.ts"
    : SERVICES[target].entryPoint;
  const output = `--output=${path}`;
  const made = await runDeno(["bundle", "--platform=deno", output, entryPoint]);
  if (!made.ok) return `Cannot bundle ${target}: ${whyFailed(made.output)}`;
  await prepend(path, `globalThis.PLAYGROUND_COMMIT=${JSON.stringify(commit)};\n`);
  return undefined;
}

/**
 * Makes a bundle a program that runs itself, with the permissions that its binary would have. The shell reads the second line as
 * a no-op and a command that starts Deno; JavaScript reads it as a string and a comment.
 */
export async function makeExecutable(
  target: TargetName,
  path: string,
  access: Partial<Access>,
): Promise<void> {
  const words = ["run", ...BUNDLE_FLAGS, "--no-check", "--ext=js", ...bakedFlags(target, access)];
  const command = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  await prepend(path, `#!/bin/sh\n":" //; exec deno ${command} "$0" "$@"\n`);
  await Deno.chmod(path, 0o755);
}

/** Makes a binary from a bundle. Returns why it cannot. */
export async function writeBinary(
  target: TargetName,
  bundle: string,
  path: string,
  access: Partial<Access>,
): Promise<string | undefined> {
  // The cache would go beside the binary, into a file system that may be read-only.
  const options = [...BUNDLE_FLAGS, "--no-check", "--no-code-cache", ...bakedFlags(target, access)];
  const made = await runDeno(["compile", ...options, `--output=${path}`, bundle]);
  if (made.ok) return undefined;
  const instead =
    `, or set DENORT_BIN to the denort of Deno ${Deno.version.deno}, or make bundles for \`deno run\` with --bundle`;
  return `Cannot compile ${target}: ${whyFailed(made.output, instead)}`;
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

async function runDeno(args: readonly string[]) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { ok: success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

function whyFailed(output: string, instead = ""): string {
  const url = /error sending request for url \((?<url>[^)\s]+)\)/.exec(output)?.groups?.url;
  if (url === undefined) return `Deno failed; it said:\n${output}`;
  const what = url.includes("denort")
    ? "Deno's base binary"
    : url.includes("esbuild")
    ? "the bundler esbuild"
    : "a package";
  return `${what} could not be downloaded from ${url}; connect to the internet${instead}`;
}

async function prepend(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text + await Deno.readTextFile(path));
}
