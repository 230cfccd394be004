/**
 * What the tasks share on a terminal: {@linkcode parseArgsOrExit} reads a command line, {@linkcode LiveArea} draws over itself, and
 * {@linkcode drawWaterfall} draws traces, from records as Zipkin's API has them, as far as {@linkcode terminalOptions} allow.
 *
 * @module
 */
export * from "./command_line.ts";
export { drawWaterfall } from "./draw.ts";
export type { DrawOptions } from "./draw.ts";
export * from "./live_area.ts";
export * from "./terminal_options.ts";
export * from "./terminal_text.ts";
