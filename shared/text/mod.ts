/**
 * What pieces that take in texts of other parties have in common.
 *
 * @module
 */
export * from "./cut_text.ts";
