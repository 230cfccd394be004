/**
 * Configuration from environment variables.
 *
 * Each service has a schema with one member per variable, built from the pieces here. It is checked once, at the start; every
 * problem is listed with its fix. The same schema defines which variables the service may read.
 *
 * ```ts
 * import { port, readConfiguration, variablesOf } from "@playground/shared/configuration";
 * import { z } from "zod";
 *
 * const schema = z.object({ PORT: port(8080) });
 * console.log(variablesOf(schema)); // ["PORT"]
 * console.log(readConfiguration(schema, { PORT: "http" })); // PORT: must be a port number from 0 to 65535, such as 8080
 * ```
 *
 * @module
 */
export * from "./base_url.ts";
export * from "./common.ts";
export * from "./configuration.ts";
export * from "./variables.ts";
