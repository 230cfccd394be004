/**
 * Starts a service, or stand-ins, as a process of its own, with exactly the rights that its configuration calls for.
 *
 * {@linkcode SERVICES} knows each service's entry point, schema and the variables that name what it reaches;
 * {@linkcode permissionFlags} and {@linkcode environmentOf} make its rights and its environment from that;
 * {@linkcode ManagedProcess} runs it, tells its lines and stops it in good order. {@linkcode runStandIns} does so with stand-ins.
 *
 * @module
 */
export * from "./addresses.ts";
export * from "./managed_process.ts";
export * from "./permissions.ts";
export * from "./services.ts";
export * from "./stand_ins.ts";
