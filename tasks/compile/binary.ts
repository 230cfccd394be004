import type { BuildResult } from "./bundle.ts";
import { runDeno } from "@playground/shared/deno-command";
import { type BakedAccess, bakedFlags, type TargetName } from "./targets.ts";

/** What `deno run` and `deno compile` have to be told for a bundle, which has no deno.json beside it. */
export const BUNDLE_FLAGS = ["--no-config", "--no-lock", "--unstable-cron"] as const;

/** How a binary is made. */
export interface BinaryOptions {
  /** The bundle. */
  readonly bundle: string;
  /** The file to write. */
  readonly path: string;
  /** What the binary may reach. */
  readonly access: BakedAccess;
}

/** Makes a binary of a bundle: Deno's runtime, the bundle and the permissions in one file. */
export async function writeBinary(
  target: TargetName,
  { bundle, path, access }: BinaryOptions,
): Promise<BuildResult> {
  const { code, output } = await runDeno([
    "compile",
    ...BUNDLE_FLAGS,
    "--no-check",
    // The cache would be written beside the binary, into a file system that may be read-only.
    "--no-code-cache",
    ...bakedFlags(target, access),
    "--output",
    path,
    bundle,
  ]);
  return code === 0 ? { ok: true, path } : { ok: false, problem: explain(target, output) };
}

/** `deno compile` downloads the runtime that it puts into binaries; where it cannot, it says so in a dozen lines. */
function explain(target: TargetName, output: string): string {
  const download = /error sending request for url \((?<url>[^)]*denort[^)]*)\)/.exec(output)
    ?.groups;
  if (download === undefined) {
    return `Cannot compile ${target}: deno compile failed; it said:\n${output}`;
  }
  return `Cannot compile ${target}: Deno's base binary could not be downloaded from ${download.url}; connect to the internet, ` +
    `or set DENORT_BIN to the denort of Deno ${Deno.version.deno}, or make bundles for \`deno run\` with --bundle`;
}
