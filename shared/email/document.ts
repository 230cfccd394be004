import { z } from "zod";

/** RFC 5321 section 4.5.3.1.3: a path has at most 256 octets with its angle brackets. */
export const MAX_ADDRESS_OCTETS = 254;
/** RFC 5322 section 2.1.1: a line has at most 998 characters. */
export const MAX_SUBJECT_LENGTH = 998;
/** One mebibyte, as UTF-8. */
export const MAX_BODY_BYTES = 1_048_576;

const encoder = new TextEncoder();

/**
 * Text that becomes part of a header. A line end there would begin another header (header injection), and half of a
 * surrogate pair is no character that UTF-8 could carry.
 */
const headerText = z.string({ error: "must be a string" })
  .regex(/^[^\r\n\0]*$/, { error: "must not contain a line end or NUL" })
  .refine((text) => text.isWellFormed(), { error: "must be well-formed Unicode" });

function party(what: string) {
  return z.object({
    address: z.email({ error: `must be one email address, such as me@example.com` })
      .max(MAX_ADDRESS_OCTETS, { error: `must have at most ${MAX_ADDRESS_OCTETS} octets` })
      .describe("One address, without a display name"),
    display: headerText.max(MAX_SUBJECT_LENGTH, {
      error: `must have at most ${MAX_SUBJECT_LENGTH} characters`,
    }).optional().describe("The name to show"),
  }, { error: `must be an object with an address` }).describe(what);
}

/** The schema of an email document. Members that it does not know are ignored. */
export const emailDocument = z.object({
  sender: party("Who it is from"),
  recipient: party("Who it is for"),
  subject: headerText.min(1, { error: "must not be empty" }).max(MAX_SUBJECT_LENGTH, {
    error: `must have at most ${MAX_SUBJECT_LENGTH} characters`,
  }).describe("The subject line"),
  body: z.string({ error: "must be a string" }).min(1, { error: "must not be empty" })
    .refine((body) => body.isWellFormed(), { error: "must be well-formed Unicode" })
    .refine((body) => encoder.encode(body).length <= MAX_BODY_BYTES, {
      error: `must have at most ${MAX_BODY_BYTES} bytes as UTF-8`,
    })
    .describe("The text, at most 1 MiB as UTF-8"),
}, { error: "must be a JSON object" });

/** An email as it travels from the caller to the emailer. */
export type EmailDocument = z.output<typeof emailDocument>;

/** One thing that is wrong with a document. */
export interface DocumentProblem {
  /** Where, as a JSON Pointer (RFC 6901), such as `/sender/address`; empty for the document itself. */
  readonly pointer: string;
  /** What is wrong. */
  readonly detail: string;
}

/** A valid document, or everything that is wrong with it. */
export type DocumentResult =
  | { readonly ok: true; readonly document: EmailDocument }
  | { readonly ok: false; readonly problems: readonly DocumentProblem[] };

/**
 * Checks a parsed JSON value.
 *
 * @param value Anything.
 * @returns The document without unknown members, or all problems at once.
 */
export function parseEmailDocument(value: unknown): DocumentResult {
  const result = emailDocument.safeParse(value);
  if (result.success) return { ok: true, document: result.data };
  return {
    ok: false,
    problems: result.error.issues.map(({ path, message }) => ({
      pointer: path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`)
        .join(""),
      detail: message,
    })),
  };
}

/**
 * The part of an address that may be written into a span or a log: the domain names no person.
 *
 * @param address An email address.
 * @returns What follows the last `@`.
 */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}

/**
 * What stands before the `@` of an address, quoted or not. It is looked for only where it can begin: from everywhere, a long
 * text without an `@` would take time in proportion to the square of its length.
 */
const LOCAL_PART = /(?:"[^"]*"|(?<![^\s<>"(),:;@])[^\s<>"(),:;@]+)@/g;

/**
 * A text of another party, such as a mail server's reply, without the part of each address that names a person.
 *
 * @param text Any text.
 * @returns The text with `…` before each `@`.
 */
export function withoutLocalParts(text: string): string {
  return text.replace(LOCAL_PART, "…@");
}
