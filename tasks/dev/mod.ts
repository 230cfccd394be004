/**
 * What `deno task dev` is made of, for it and for the lessons and tests that start a whole system: which stand-ins are needed, how all parts
 * are started, kept running and stopped.
 *
 * @module
 */
export * from "./passing_system.ts";
export * from "./plan.ts";
export * from "./system.ts";
