/**
 * A received mail, read once.
 *
 * {@linkcode receiveMail} splits its bytes into headers and body and finds the trace named in it. {@linkcode contentAddress}
 * identifies mails by content. {@linkcode readMail} reads the content.
 *
 * @module
 */
export { type Arrival, type MailOrigin, receiveMail } from "./arrival.ts";
export { contentAddress } from "./content_address.ts";
export { type MailContent, readMail } from "./mail_content.ts";
export { whyNotMail } from "./recognize_mail.ts";
export { type MailHeader, mailHeaderReader } from "./split_mail.ts";
