import type { SMTPServerError } from "smtp-server";

/** A negative SMTP reply: code, and text with the enhanced status code where there is one (RFC 5321 section 4.2). */
export interface NegativeReply {
  readonly code: number;
  readonly text: string;
}

/** Mailtrap's replies, word for word, with their enhanced status codes. */
export const REPLY = {
  authenticationRequired: { code: 530, text: "5.7.1 Authentication required" },
  wrongCredentials: { code: 535, text: "5.7.0 Invalid login or password" },
  monthlyLimit: { code: 535, text: "5.7.0 Monthly messages limit reached" },
  rateLimit: {
    code: 550,
    text: "5.7.0 Requested action not taken: too many emails per second",
  },
  tooBig: { code: 552, text: "5.3.4 Error: message too big" },
  incomplete: { code: 451, text: "4.4.2 Error: the message is incomplete" },
  notStored: { code: 451, text: "4.3.0 Error: the message could not be stored" },
} as const satisfies Readonly<Record<string, NegativeReply>>;

const TEXTS: Readonly<Record<string, string>> = {
  421: "4.3.2 Service not available, closing transmission channel",
  450: "4.2.1 Mailbox busy",
  451: "4.3.0 Requested action aborted: local error in processing",
  452: "4.3.1 Insufficient system storage",
  454: "4.7.0 Temporary authentication failure",
  535: "5.7.8 Authentication credentials invalid",
  550: "5.1.1 No such user here",
  551: "5.1.6 User not local",
  552: "5.2.2 Mailbox full",
  553: "5.1.3 Mailbox name not allowed",
  554: "5.0.0 Transaction failed",
};

/** The reply with the code that a fault has, if it strikes. */
export function replyWith(code: string | undefined): NegativeReply | undefined {
  return code === undefined ? undefined : { code: Number(code), text: TEXTS[code] ?? "" };
}

/** A negative reply in the form that the library wants. */
export function replyError(reply: NegativeReply | undefined): SMTPServerError | null {
  if (reply === undefined) return null;
  return Object.assign(new Error(reply.text), { responseCode: reply.code });
}
