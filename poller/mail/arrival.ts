import { type MailOrigin, mailOrigin } from "./mail_origin.ts";
import { type SplitMail, splitMail } from "./split_mail.ts";

/** A mail as it arrived: what everything that is done with it begins with. */
export interface Arrival extends SplitMail {
  /** Its bytes. */
  readonly raw: Uint8Array<ArrayBuffer>;
  /** The trace that it says it belongs to. */
  readonly origin: MailOrigin | undefined;
}

/** Receives a mail. It never fails, and takes no time worth mentioning whatever the size. */
export function receiveMail(raw: Uint8Array<ArrayBuffer>): Arrival {
  const mail = splitMail(raw);
  return { ...mail, raw, origin: mailOrigin(mail.headers) };
}
