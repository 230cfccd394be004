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
 * @property {EmailTrace} example What is shown where no email is chosen.
 */

/** @type {Settings} */
export const SETTINGS = JSON.parse(document.getElementById("app")?.dataset.settings ?? "");
