/**
 * Starts the whole system or a part of it. Each service is a process of its own with exactly the permissions that its
 * configuration needs.
 *
 * {@linkcode SERVICES} has each service's entry point, schema and the variables that name what it reaches; {@linkcode
 * serviceArgs} and {@linkcode environmentOf} make its arguments and its environment from them. {@linkcode ManagedProcess}
 * runs it, and {@linkcode runStandIns} the stand-ins. {@linkcode startSystem} starts all of it and waits until it is ready;
 * {@linkcode startTemporarySystem} does so on free ports, for a lesson or a test.
 *
 * @module
 */
export { linesOf, ManagedProcess, platformEnvironment } from "./managed_process.ts";
export { type Access, accessFlags, accessOf, serviceArgs } from "./permissions.ts";
export { planStandIns, readAll } from "./plan.ts";
export { PortFinder, portIfFree } from "./ports.ts";
export { environmentOf, SERVICE_NAMES, type ServiceName, SERVICES } from "./services.ts";
export { runStandIns, STAND_INS } from "./stand_ins.ts";
export { Supervisor } from "./supervisor.ts";
export { type PlaygroundSystem, startSystem } from "./system.ts";
export { startTemporarySystem } from "./temporary_system.ts";
export { waitUntilReady } from "./wait_until_ready.ts";
