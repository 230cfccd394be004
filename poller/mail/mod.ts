/**
 * A mail that arrived, read once for everybody.
 *
 * {@linkcode receiveMail} splits its bytes into headers and body and finds the trace that it says it belongs to.
 * {@linkcode contentAddress} tells mails apart. {@linkcode readMail} reads what the mail says.
 *
 * @module
 */
export * from "./arrival.ts";
export * from "./content_address.ts";
export * from "./mail_addresses.ts";
export * from "./mail_content.ts";
export * from "./mail_origin.ts";
export * from "./mail_parts.ts";
export * from "./recognize_mail.ts";
export * from "./split_mail.ts";
