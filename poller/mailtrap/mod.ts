/**
 * The inbox at Mailtrap, through its API: list what is there, fetch a mail as it was received, delete it.
 *
 * @module
 */
export type * from "./inbox.ts";
export { MAX_MAIL_BYTES } from "./mail_answer.ts";
export { mailtrapInbox } from "./mailtrap_inbox.ts";
export { tracedInbox } from "./traced_inbox.ts";
