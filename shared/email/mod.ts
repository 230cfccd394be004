/**
 * The email document: what a caller posts, what the message server puts on the queue, what the emailer sends. One schema
 * gives the type, the validation and the published JSON Schema.
 *
 * @module
 */
export * from "./address.ts";
export * from "./archived_mail.ts";
export * from "./document.ts";
export * from "./id.ts";
