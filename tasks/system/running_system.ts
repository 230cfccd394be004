/**
 * What the tasks know of the development system: its folder, its settings, and where it runs.
 *
 * @module
 */
export * from "./settings.ts";
export { clearState, takeLock } from "./state_folder.ts";
export * from "./urls.ts";
