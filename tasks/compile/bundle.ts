import { runDeno } from "@playground/shared/deno-command";
import { entryPointOf, type TargetName } from "./targets.ts";

/** What became of a bundle or a binary. */
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
  if (code !== 0) {
    return {
      ok: false,
      problem: `Cannot bundle ${target}: deno bundle failed; it said:\n${output}`,
    };
  }
  await Deno.writeTextFile(path, preamble(commit) + await Deno.readTextFile(path));
  return { ok: true, path };
}

/**
 * What runs before anything that was bundled: the commit, and a `require` for the CommonJS packages in it. `deno bundle` gives
 * them one as well, but overlooks it where minifying has put a `$` into its name.
 */
function preamble(commit: string): string {
  return [
    `globalThis.PLAYGROUND_COMMIT=${JSON.stringify(commit)};`,
    'import{createRequire as __createRequire}from"node:module";',
    "var require=__createRequire(import.meta.url);\n",
  ].join("");
}
