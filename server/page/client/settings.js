/**
 * The settings in the page's shell.
 *
 * @import { EmailTrace } from "./types.ts"
 */

/**
 * @typedef {object} Settings
 * @property {string} version The version of the message server.
 * @property {boolean} hasFaults Whether there are faults to set.
 * @property {Readonly<Record<string, number>>} maxLengths The maximum length of an email's field, by its JSON Pointer.
 * @property {Readonly<Record<string, TagDefinition>>} tags What the tags of spans mean.
 * @property {EmailTrace} example A journey to show before the first email.
 */

/**
 * @typedef {{ readonly meaning: string, readonly isConvention: boolean }} TagDefinition A tag's meaning, and whether it repeats
 * another tag under OpenTelemetry's name.
 */

/** @type {Settings} */
export const SETTINGS = JSON.parse(document.getElementById("app")?.dataset.settings ?? "");
