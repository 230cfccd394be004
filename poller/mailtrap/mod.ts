/**
 * The inbox at Mailtrap, through its API: list what is there, fetch a mail as it was received, delete it.
 *
 * @module
 */
export * from "./api_routes.ts";
export * from "./inbox.ts";
export * from "./measured_fetch.ts";
export { MAX_MAIL_BYTES } from "./mail_answer.ts";
export * from "./mailtrap_inbox.ts";
export * from "./traced_inbox.ts";
