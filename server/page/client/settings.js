/** @import { Settings } from "./types.ts" */

/** The settings in the page's shell. @type {Settings} */
export const SETTINGS = JSON.parse(document.getElementById("app")?.dataset.settings ?? "");
