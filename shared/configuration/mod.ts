/**
 * Configuration from environment variables.
 *
 * Each service has a schema with one member per variable, made of the pieces here. It is checked once, at the start; every
 * problem is listed with how to mend it. The same schema tells which variables the service may read.
 *
 * @module
 */
export * from "./base_url.ts";
export * from "./common.ts";
export * from "./configuration.ts";
export * from "./variables.ts";
