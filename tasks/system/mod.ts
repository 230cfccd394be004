/**
 * Starts the whole system, or a part of it, each service a process of its own with exactly the rights that its configuration needs.
 *
 * {@linkcode SERVICES} has each service's entry point, schema and the variables that name what it reaches; {@linkcode permissionFlags}
 * and {@linkcode environmentOf} make its rights and its environment from them. {@linkcode ManagedProcess} runs it, and
 * {@linkcode runStandIns} the stand-ins. {@linkcode startSystem} starts all of it and waits until it is ready;
 * {@linkcode startTemporarySystem} does so on free ports, for a lesson or a test.
 *
 * @module
 */
export * from "./addresses.ts";
export * from "./lines.ts";
export * from "./managed_process.ts";
export * from "./permissions.ts";
export * from "./plan.ts";
export * from "./services.ts";
export * from "./stand_ins.ts";
export * from "./stand_ins_process.ts";
export * from "./supervisor.ts";
export * from "./system.ts";
export * from "./temporary_system.ts";
