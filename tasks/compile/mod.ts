/**
 * What `deno task compile` is made of, for it and for the tests that run bundles: a target's entry point is bundled into one
 * minified file, and the bundle and the permissions become a binary.
 *
 * @module
 */
export { type BuildResult, BUNDLE_FLAGS, currentCommit, writeBundle } from "./build.ts";
export { type BakedAccess, bakedFlags, TARGET_NAMES, type TargetName } from "./targets.ts";
