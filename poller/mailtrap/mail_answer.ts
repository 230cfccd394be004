import { type Arrival, receiveMail, whyNotMail } from "../mail/mod.ts";
import type { FetchedMail, InboxMessage, MailDoubt, MailRoom } from "./inbox.ts";
import { readBody, type Reading } from "./read_body.ts";

/** A mail with more bytes is not fetched. */
export const MAX_MAIL_BYTES = 40_000_000;

/**
 * The types of a mail: its own (RFC 5322, RFC 6532), and a server's default for unknown files. The body must look like a mail in
 * any case.
 */
const MAIL_TYPES: readonly string[] = [
  "message/rfc822",
  "message/global",
  "text/plain",
  "application/octet-stream",
];

/** Printable ASCII without an encoded word (RFC 2047) and without a character that could be escaped. */
const PLAIN_SUBJECT = /^(?!.*(?:=\?|["&'<>\\]))[!-~]*$/;

const OTHER_MAIL: MailDoubt = {
  reason: "Mailtrap's answer may be another mail: the list has another subject",
  isKept: true,
};

/** Reads a mail. Anything else must be refused: once it is stored, the mail itself is deleted. */
export async function readMailAnswer(
  response: Response,
  { sizeBytes, subject }: InboxMessage,
  room: MailRoom,
): Promise<Reading<FetchedMail>> {
  const refuse = (why: string) =>
    ({ outcome: "refused", reason: `Mailtrap's answer is not the mail: ${why}` }) as const;
  const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== undefined && !MAIL_TYPES.includes(type)) {
    await response.body?.cancel();
    return refuse(`its type is ${type.slice(0, 80)}`);
  }
  const body = await readBody(response, MAX_MAIL_BYTES, room.resize);
  if (body.outcome === "refused") return refuse(body.reason);
  const { bytes: raw, isEndShown } = body.value;
  const mail = receiveMail(raw);
  const notMail = whyNotMail(mail);
  if (notMail !== undefined) {
    raw.buffer.transfer(0);
    return refuse(notMail);
  }
  const doubt = hasOtherSubject(mail, subject)
    ? OTHER_MAIL
    : doubtOf(raw.length, sizeBytes, isEndShown);
  return { outcome: "ok", value: { mail, doubt } };
}

/**
 * Whether a mail has another subject than the list says: then it answers another request. Only a subject counts that nobody could
 * show otherwise, but for its white space and a cut end.
 */
function hasOtherSubject({ headers }: Arrival, listed = ""): boolean {
  const shown = withoutBlanks(listed).replace(/(?:…|\.\.\.)$/, "");
  const [subject = "", ...others] = headers.filter(({ name }) => name.toLowerCase() === "subject")
    .map(({ value }) => withoutBlanks(value));
  return others.length === 0 && PLAIN_SUBJECT.test(subject) &&
    !shown.startsWith(subject) && !subject.startsWith(shown);
}

function withoutBlanks(text: string): string {
  return text.replace(/\s+/g, "");
}

function doubtOf(
  sizeBytes: number,
  listedBytes: number | undefined,
  isEndShown: boolean,
): MailDoubt | undefined {
  const doubt = (why: string) => ({
    reason: `Mailtrap's answer may be a part of the mail: ${why}`,
    isKept: !isEndShown,
  });
  if (!isEndShown) return doubt("neither a length nor a last chunk shows its end");
  return listedBytes !== undefined && sizeBytes < listedBytes
    ? doubt(`it has ${sizeBytes} bytes, and the list says ${listedBytes}`)
    : undefined;
}
