import { type BuildResult, BUNDLE_FLAGS } from "./bundle.ts";
import { runDeno } from "./run_deno.ts";
import { missingDownload } from "./missing_download.ts";
import { type BakedAccess, bakedFlags, type TargetName } from "./targets.ts";

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

function explain(target: TargetName, output: string): string {
  const missing = missingDownload(output);
  if (missing === undefined) {
    return `Cannot compile ${target}: deno compile failed; it said:\n${output}`;
  }
  return `Cannot compile ${target}: ${missing}; connect to the internet, ` +
    `or set DENORT_BIN to the denort of Deno ${Deno.version.deno}, or make bundles for \`deno run\` with --bundle`;
}
