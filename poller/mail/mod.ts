/**
 * A mail that arrived, read once for everybody.
 *
 * {@linkcode receiveMail} splits its bytes into headers and body and finds the trace that it says it belongs to.
 * {@linkcode contentAddress} tells mails apart. {@linkcode readMail} reads what the mail says.
 *
 * @module
 */
export { type Arrival, type MailOrigin, receiveMail } from "./arrival.ts";
export { contentAddress } from "./content_address.ts";
export { type MailContent, readMail } from "./mail_content.ts";
export { whyNotMail } from "./recognize_mail.ts";
export { type MailHeader, mailHeaderReader } from "./split_mail.ts";
