/**
 * What the server says with the page.
 *
 * @module
 */

/**
 * @typedef {object} Settings
 * @property {string} version The version of the message server.
 * @property {boolean} hasFaults Whether something can be broken.
 * @property {Readonly<Record<string, number>>} maxLengths How long a field of an email may be, by its JSON Pointer.
 */

/** @type {Settings} */
export const SETTINGS = JSON.parse(
  document.getElementById("app")?.dataset.settings ?? '{"maxLengths":{}}',
);
