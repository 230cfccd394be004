/**
 * What the tasks share on a terminal: {@linkcode taskCommandLine} reads a command line, {@linkcode liveArea} draws over itself,
 * and {@linkcode drawWaterfall} and {@linkcode drawComparison} draw traces, from records as Zipkin's API has them, as {@linkcode
 * terminalOptions} allow.
 *
 * @module
 */
export * from "./command_line.ts";
export * from "./live_area.ts";
export * from "./text.ts";
export { drawComparison } from "./comparison.ts";
export { drawWaterfall } from "./waterfall.ts";
