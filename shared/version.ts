/**
 * Which version runs.
 *
 * ```ts
 * import { COMMIT, VERSION } from "@playground/shared/version";
 *
 * console.log(`${VERSION} (commit ${COMMIT ?? "unknown"})`);
 * ```
 *
 * @module
 */
import member from "./deno.json" with { type: "json" };

declare global {
  /** Set before the code of a bundle or a binary, by `deno task compile`. */
  var PLAYGROUND_COMMIT: string | undefined;
}

/** The version of all modules, which are released together. */
export const VERSION: string = member.version;

/** The commit of a bundle or a binary; `undefined` when the code runs from source. */
export const COMMIT: string | undefined = globalThis.PLAYGROUND_COMMIT;
