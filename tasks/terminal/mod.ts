/**
 * What the tasks share on a terminal: {@linkcode taskCommandLine} describes a command and {@linkcode startTask} begins it, {@linkcode
 * liveArea} draws over itself, {@linkcode drawWaterfall} and {@linkcode drawComparison} draw traces.
 *
 * @module
 */
export * from "./command_line.ts";
export * from "./live_area.ts";
export * from "./text.ts";
export { drawComparison } from "./comparison.ts";
export { drawWaterfall } from "./waterfall.ts";
