/**
 * The email document: what a caller posts, what the message server puts on the queue, what the emailer sends. One schema
 * gives the type, the validation and the published JSON Schema. Beside it are the ids of an email, and a mail in the archive as
 * the mail poller shows it.
 *
 * ```ts
 * import { parseEmailDocument } from "@playground/shared/email";
 *
 * const result = parseEmailDocument({ sender: { address: "me@example.com" } });
 * console.log(result.ok ? result.document : result.problems); // /recipient must be an object with an address ...
 * ```
 *
 * @module
 */
export { domainOf, MAX_ADDRESS_OCTETS } from "./address.ts";
export * from "./archived_mail.ts";
export * from "./document.ts";
export * from "./id.ts";
