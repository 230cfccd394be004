/**
 * What the tasks know of the development system: its folder, its settings, and where it runs.
 *
 * @module
 */
export * from "./root.ts";
export * from "./settings.ts";
export * from "./state_folder.ts";
export * from "./state_option.ts";
export * from "./urls.ts";
