/**
 * What the tasks share: their command lines, the terminal that they draw on, and what they know of the development system: its
 * folder, its settings, and where it runs.
 *
 * @module
 */
export * from "./command_line.ts";
export * from "./live_area.ts";
export * from "./paper.ts";
export * from "./root.ts";
export * from "./settings.ts";
export * from "./state_option.ts";
export * from "./urls.ts";
