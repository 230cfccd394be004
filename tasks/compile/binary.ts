import { runDeno } from "./run_deno.ts";
import { type BuildResult, BUNDLE_FLAGS, missingDownload } from "./bundle.ts";
import { type BakedAccess, bakedFlags, type TargetName } from "./targets.ts";

/** Makes a binary of a bundle: Deno's runtime, the bundle and the permissions in one file. */
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
    // The cache would be written beside the binary, into a file system that may be read-only.
    "--no-code-cache",
    ...bakedFlags(target, access),
    "--output",
    path,
    bundle,
  ]);
  if (code === 0) return { ok: true, path };
  const missing = missingDownload(output);
  const problem = missing === undefined
    ? `deno compile failed; it said:\n${output}`
    : `${missing}; connect to the internet, or set DENORT_BIN to the denort of Deno ${Deno.version.deno}, or make bundles for \`deno run\` with --bundle`;
  return { ok: false, problem: `Cannot compile ${target}: ${problem}` };
}
