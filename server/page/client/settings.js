/**
 * What the server says with the page.
 *
 * @module
 * @import { EmailTrace } from "./types.ts"
 */

/**
 * @typedef {object} Settings
 * @property {string} version The version of the message server.
 * @property {boolean} hasFaults Whether something can be broken.
 * @property {Readonly<Record<string, number>>} maxLengths How long a field of an email may be, by its JSON Pointer.
 * @property {Readonly<Record<string, TagDefinition>>} tags What the tags of spans mean.
 * @property {EmailTrace} example A journey to show where there is none yet.
 */

/**
 * @typedef {{ readonly meaning: string, readonly isConvention: boolean }} TagDefinition What a tag tells, and whether it only says in
 *   OpenTelemetry's words what another one says.
 */

/** @type {Settings} */
export const SETTINGS = JSON.parse(document.getElementById("app")?.dataset.settings ?? "");
