/**
 * What `deno task compile` is made of, for it and for the tests that run bundles: a target's entry point is bundled into one
 * minified file, and the bundle and the permissions become a binary.
 *
 * @module
 */
export * from "./binary.ts";
export * from "./bundle.ts";
export * from "./commit.ts";
export * from "./targets.ts";
