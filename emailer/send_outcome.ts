import { failureReason, isNotPermitted } from "@playground/shared/http";

export type SendOutcome =
  | { readonly status: "accepted"; readonly replyCode: number }
  /** Not now; another attempt may succeed. */
  | Failure<"deferred">
  /** Never: another attempt would fail the same way. */
  | Failure<"rejected">
  /** The fault is in our configuration or account, not in the mail: no mail can be sent until a person acts. */
  | Failure<"unusable">
  /** The sending did not begin in time; the mail is not at fault. */
  | Failure<"postponed">
  /** The sending was aborted before the mail server answered. */
  | Failure<"cancelled">;

export type LoginOutcome =
  | { readonly status: "accepted" }
  | { readonly status: "failed"; readonly reason: string };

export interface Failure<Status extends string> {
  readonly status: Status;
  /** The server's reply or the network's error, without addresses, and cut to the limit for foreign text. */
  readonly reason: string;
  readonly replyCode?: number | undefined;
}

interface SmtpError {
  readonly message: string;
  readonly code: string;
  /** The network's own code, where `code` is nodemailer's. */
  readonly originalCode: string;
  readonly response: string;
  readonly responseCode: number | undefined;
  readonly command: string;
}

/** Mailtrap's replies with a permanent code that mean a temporary failure. */
const TRANSIENT_REPLIES = /too many emails per second|too many connections/i;
/** Its reply when the account's quota is used up. */
const EXHAUSTED_REPLIES = /messages? limit reached/i;
/** nodemailer's codes for a failed login and for a server that cannot do TLS. */
const UNUSABLE_CODES: readonly string[] = ["EAUTH", "ENOAUTH", "ETLS"];
/** nodemailer's codes for a reply to the envelope or to the mail. A 5xx at any other moment, such as in the greeting, is not the mail's fault. */
const MAIL_CODES: readonly string[] = ["EENVELOPE", "EMESSAGE"];
/** Replies about the connection, whatever they answer: it closes, or the server has lost its state (RFC 5321 section 4.2.4). */
const CONNECTION_REPLIES: readonly number[] = [421, 503];
/** Our own code for a mail that a server cannot take; see {@linkcode smtpUtf8Missing}. */
const SMTPUTF8_CODE = "ESMTPUTF8";
/** nodemailer's message for a connection that ended during an operation. */
const CLOSED_MESSAGE = "Connection closed unexpectedly";
/** The network's codes for the same. */
const CLOSED_CODES: readonly string[] = ["ECONNRESET", "EPIPE"];
/**
 * OpenSSL's and Node's codes for a certificate that cannot be verified (https://nodejs.org/api/tls.html#x509-certificate-error-codes),
 * for a server that does not begin with TLS, and for one that has no version or cipher of it in common with us.
 */
const TLS_CODES =
  /CERT|LEAF_SIGNATURE|HOSTNAME_MISMATCH|WRONG_VERSION_NUMBER|ALERT_(?:HANDSHAKE_FAILURE|PROTOCOL_VERSION|INSUFFICIENT_SECURITY)/;

/**
 * Classifies an error of nodemailer. A 4xx reply is temporary and a 5xx reply permanent (RFC 5321 section 4.2.1), except for the
 * replies above.
 */
export function classifySmtpError(
  thrown: unknown,
  clean: (reply: string) => string,
): Failure<"deferred" | "rejected" | "unusable"> {
  const error = smtpErrorOf(thrown);
  if (isNotPermitted(thrown)) {
    return { status: "unusable", reason: `SMTP_HOST is ${clean(failureReason(thrown))}` };
  }
  const reason = clean(error.response === "" ? error.message : error.response);
  return { status: statusOf(error), reason, replyCode: error.responseCode };
}

/** The failure of a mail with an address beyond ASCII at a server that does not offer SMTPUTF8 (RFC 6531 section 3.2). */
export function smtpUtf8Missing(): Error {
  return Object.assign(
    new Error("an address is not ASCII, and the mail server does not offer SMTPUTF8"),
    { code: SMTPUTF8_CODE },
  );
}

/** Whether an error is about one mail or its envelope; the connection stays usable. */
export function isAboutMail(thrown: unknown): boolean {
  const error = smtpErrorOf(thrown);
  return error.code === SMTPUTF8_CODE || isReplyToMail(error);
}

function isReplyToMail({ code, responseCode }: SmtpError): boolean {
  return MAIL_CODES.includes(code) && responseCode !== undefined &&
    !CONNECTION_REPLIES.includes(responseCode);
}

/** Whether the server closed the connection: with a 421, or without a reply, even during the TLS handshake. */
export function isClosedByServer(thrown: unknown): boolean {
  return isClosed(smtpErrorOf(thrown));
}

function isClosed({ message, code, originalCode, responseCode }: SmtpError): boolean {
  if (responseCode !== undefined) return responseCode === 421;
  return code === "ECONNECTION" || (code === "ETLS" && message === CLOSED_MESSAGE) ||
    [code, originalCode].some((each) => CLOSED_CODES.includes(each));
}

function statusOf(error: SmtpError): "deferred" | "rejected" | "unusable" {
  const { code, originalCode, response, responseCode, command } = error;
  if (TRANSIENT_REPLIES.test(response)) return "deferred";
  const isPermanent = responseCode !== undefined && responseCode >= 500 && responseCode < 600;
  const isTransient = responseCode !== undefined && responseCode >= 400 && responseCode < 500;
  if (code === SMTPUTF8_CODE) return "rejected";
  const isExhausted = EXHAUSTED_REPLIES.test(response);
  if (isExhausted || responseCode === 530 || responseCode === 535) {
    // About the recipient (RCPT) or the mail (DATA) alone: such an email would pause all others for ever.
    const isAboutOne = command === "RCPT TO" || (command === "DATA" && !isExhausted);
    return isAboutOne ? "deferred" : "unusable";
  }
  if (TLS_CODES.test(originalCode)) return "unusable";
  if (UNUSABLE_CODES.includes(code)) {
    return isTransient || isClosed(error) ? "deferred" : "unusable";
  }
  return isPermanent && isReplyToMail(error) ? "rejected" : "deferred";
}

function smtpErrorOf(thrown: unknown): SmtpError {
  const { code, originalCode, response, responseCode, command }: Readonly<
    Record<string, unknown>
  > = { ...Object(thrown) };
  return {
    message: thrown instanceof Error ? thrown.message : String(thrown),
    code: typeof code === "string" ? code : "",
    originalCode: typeof originalCode === "string" ? originalCode : "",
    response: typeof response === "string" ? response : "",
    responseCode: typeof responseCode === "number" ? responseCode : undefined,
    command: typeof command === "string" ? command : "",
  };
}
