import { z } from "zod";
import { ADDRESS_PATTERN, MAX_ADDRESS_OCTETS, parseAddress } from "./address.ts";

/** RFC 5322 section 2.1.1: a line has at most 998 characters. */
export const MAX_SUBJECT_LENGTH = 998;
/** One mebibyte, as UTF-8. */
export const MAX_BODY_BYTES = 1_048_576;

const encoder = new TextEncoder();

/** As JSON Schema counts: a character beyond the Basic Multilingual Plane is one. */
function hasAtMost(text: string, characters: number): boolean {
  return text.length <= characters || Array.from(text).length <= characters;
}

/**
 * Text that becomes part of a header. A line end would begin another header (header injection), and UTF-8 cannot encode half of a
 * surrogate pair.
 */
const headerText = z.string({ error: "must be a string" })
  .regex(new RegExp(String.raw`^[^\x00\r\n]*$`), { error: "must not contain a line end or NUL" })
  .refine((text) => text.isWellFormed(), { error: "must be well-formed Unicode" })
  .refine((text) => hasAtMost(text, MAX_SUBJECT_LENGTH), {
    error: `must have at most ${MAX_SUBJECT_LENGTH} characters`,
  })
  .meta({ maxLength: MAX_SUBJECT_LENGTH });

const address = z.string({ error: "must be one email address, such as me@example.com" })
  .meta({
    description: "One address, without a display name: a dot-atom, `@`, and the name of a domain " +
      `(RFC 5321, RFC 6531). It has at most ${MAX_ADDRESS_OCTETS} octets of UTF-8 as it is sent, ` +
      "in its local part as many as that leaves. A domain in Unicode is sent as A-labels; it must " +
      "be valid by UTS 46. A local part beyond ASCII requires a mail server with SMTPUTF8, else " +
      "the email is a dead letter. Quoted local parts and address literals are refused.",
    format: "idn-email",
    pattern: ADDRESS_PATTERN,
    maxLength: MAX_ADDRESS_OCTETS,
    examples: ["me@example.com"],
  })
  .transform((text, { issues }) => {
    const result = parseAddress(text);
    if (result.ok) return result.address;
    issues.push({ code: "custom", input: text, message: result.problem });
    return z.NEVER;
  });

function party(what: string) {
  return z.object({
    address,
    display: headerText.optional().describe("The name to show"),
  }, { error: `must be an object with an address` }).describe(what);
}

/** The schema of an email document. Unknown members are ignored. */
export const emailDocument = z.object({
  sender: party("Who it is from"),
  recipient: party("Who it is for"),
  subject: headerText.min(1, { error: "must not be empty" }).describe("The subject line"),
  body: z.string({ error: "must be a string" }).min(1, { error: "must not be empty" })
    .refine((body) => body.isWellFormed(), { error: "must be well-formed Unicode" })
    .refine((body) => encoder.encode(body).length <= MAX_BODY_BYTES, {
      error: `must have at most ${MAX_BODY_BYTES} bytes as UTF-8`,
    })
    .describe("The text, at most 1 MiB as UTF-8"),
}, { error: "must be a JSON object" });

/** An email as it travels from the caller to the emailer. */
export type EmailDocument = z.output<typeof emailDocument>;

/** One problem of a document. */
export interface DocumentProblem {
  /** Where, as a JSON Pointer (RFC 6901), such as `/sender/address`; empty for the document itself. */
  readonly pointer: string;
  readonly detail: string;
}

/** A valid document, or all its problems. */
export type DocumentResult =
  | { readonly ok: true; readonly document: EmailDocument }
  | { readonly ok: false; readonly problems: readonly DocumentProblem[] };

/** Checks a parsed JSON value; drops unknown members, and reports all problems. */
export function parseEmailDocument(value: unknown): DocumentResult {
  const result = emailDocument.safeParse(value);
  if (result.success) return { ok: true, document: result.data };
  return { ok: false, problems: documentProblems(result.error) };
}

/** The problems that a schema finds in a document. */
export function documentProblems({ issues }: z.ZodError): readonly DocumentProblem[] {
  return issues.map(({ path, message }) => ({
    pointer: path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`)
      .join(""),
    detail: message,
  }));
}
