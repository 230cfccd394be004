import { domainToASCII, domainToUnicode } from "node:url";

/** RFC 5321 section 4.5.3.1.3: a path has at most 256 octets with its angle brackets. */
export const MAX_ADDRESS_OCTETS = 254;

/** Controls and spaces, also those without width. RFC 6532 lets them be part of a word, but no mail server does. */
const INVISIBLE = String.raw`[\x7f-\xa0\u1680\u2000-\u200b\u2028-\u202f\u205f\u2060\u3000\ufeff]`;
/** RFC 5322 section 3.2.3, with what RFC 6532 section 3.2 adds. */
const ATOM = String.raw`[^\x00- "(),.:;<>@[\\\]]+`;
/** RFC 3490 section 3.1: what separates labels. */
const DOT = String.raw`[.\u3002\uff0e\uff61]`;
/** RFC 1034 section 3.5 and RFC 5890 section 2.3: letters, digits and, within, hyphens. */
const LETTER = String.raw`[^\x00-/:-@[-\x60{-~\u3002\uff0e\uff61]`;
const LETTER_OR_HYPHEN = LETTER.replace(String.raw`\x00-/`, String.raw`\x00-,./`);
const LABEL = `${LETTER}(?:${LETTER_OR_HYPHEN}{0,61}${LETTER})?`;

/**
 * What every address matches. A text that matches can still be refused: if its domain is in Unicode, and UTS 46 does not allow it
 * or it is too long as A-labels.
 */
export const ADDRESS_PATTERN =
  `^(?!.*${INVISIBLE})${ATOM}(?:\\.${ATOM})*@(?:${LABEL}${DOT})+(?![0-9]+$)${LABEL}$`;

const ADDRESS = new RegExp(ADDRESS_PATTERN, "u");
/** A domain with a label that is not ASCII, or that stands for one. */
const INTERNATIONAL_DOMAIN = /[^ -~]|(?:^|\.)xn--/i;
/** RFC 5891 section 4.2.3.1: no hyphen at an end, nor both in the third and the fourth place. */
const MISPLACED_HYPHEN = /(?:^|\.)(?:-|[^.]{2}--)|-(?:\.|$)/u;

const encoder = new TextEncoder();

/** An address as mail servers take it, or what is wrong with it. */
export type AddressResult =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads an address: a dot-atom, `@` and the name of a domain (RFC 5321 section 4.1.2, RFC 6531 section 3.3). Quoted local parts
 * and address literals are refused. A domain in Unicode becomes A-labels, by UTS 46.
 */
export function parseAddress(text: string): AddressResult {
  if (text.length > MAX_ADDRESS_OCTETS) return TOO_LONG;
  if (!text.isWellFormed() || !ADDRESS.test(text)) return NO_ADDRESS;
  const domain = domainOf(text);
  const asciiDomain = INTERNATIONAL_DOMAIN.test(domain) ? toAsciiDomain(domain) : domain;
  if (asciiDomain === undefined) return NO_DOMAIN;
  const address = text.slice(0, -domain.length) + asciiDomain;
  return encoder.encode(address).length > MAX_ADDRESS_OCTETS ? TOO_LONG : { ok: true, address };
}

const NO_ADDRESS: AddressResult = {
  ok: false,
  problem: "must be one email address, such as me@example.com",
};
const NO_DOMAIN: AddressResult = {
  ok: false,
  problem: "must have a domain that is valid by UTS 46, such as me@例子.example",
};
const TOO_LONG: AddressResult = {
  ok: false,
  problem: `must have at most ${MAX_ADDRESS_OCTETS} octets`,
};

/** The domain by UTS 46, which does not check the ASCII of a label, its length, and where it has hyphens. */
function toAsciiDomain(domain: string): string | undefined {
  const ascii = domainToASCII(domain);
  if (!/^[ -~]+$/.test(ascii) || !ADDRESS.test(`a@${ascii}`)) return undefined;
  const mapped = ascii.split(".").filter((label) => label.startsWith("xn--"));
  return MISPLACED_HYPHEN.test(domainToUnicode(mapped.join("."))) ? undefined : ascii;
}

/** What follows the last `@`: the part of an address that may be written into a span or a log, since it names no person. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1);
}
