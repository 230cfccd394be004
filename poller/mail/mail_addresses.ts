import { decodeWords, type HeaderToken, headerTokens } from "./header_tokens.ts";

/** An address with the name that stands beside it. */
export interface MailAddress {
  /** The address; empty where the mail has only a name. */
  readonly address: string;
  /** The name; empty where the mail has only an address. */
  readonly name: string;
}

/** RFC 5322 section 3.2.3, with RFC 6532. */
const DOT_ATOM = /^[^\s<>@,;:"()[\]\\.]+(?:\.[^\s<>@,;:"()[\]\\.]+)*$/;

/**
 * Reads a list of addresses (RFC 5322 sections 3.4 and 4.4). A group counts as its members, a route is left out, and a comment is
 * the name where there is no other.
 */
export function mailAddresses(value: string): readonly MailAddress[] {
  return mailboxes(headerTokens(value)).map(mailboxOf)
    .filter(({ address, name }) => address !== "" || name !== "");
}

/** Splits a list where a mailbox ends, and leaves out the names of groups. */
function mailboxes(tokens: readonly HeaderToken[]): readonly (readonly HeaderToken[])[] {
  const list: HeaderToken[][] = [];
  let mailbox: HeaderToken[] = [];
  // Within angle brackets colons, and commas up to them, belong to a route, unless somebody forgot to close the brackets.
  let angle: "none" | "opened" | "route" | "address" = "none";
  const endMailbox = () => {
    // A comment alone belongs to what stands before it.
    if (mailbox.some(({ kind }) => kind !== "comment")) list.push(mailbox);
    mailbox = [];
    angle = "none";
  };
  for (const token of tokens) {
    if (isSpecial(token, ";") || (isSpecial(token, ",") && angle !== "route")) endMailbox();
    else if (isSpecial(token, ":") && angle === "none") mailbox = [];
    else mailbox.push(token);
    if (angle === "opened") angle = isSpecial(token, "@,") ? "route" : "address";
    if (isSpecial(token, "<")) angle = "opened";
    if (isSpecial(token, ">")) angle = "none";
    if (isSpecial(token, ":") && angle === "route") angle = "address";
  }
  endMailbox();
  return list;
}

function mailboxOf(tokens: readonly HeaderToken[]): MailAddress {
  const { before, start, end } = addressRange(tokens);
  const around = [...tokens.slice(0, before), ...tokens.slice(end)];
  const phrase = textOf(
    around.filter((token) => token.kind !== "comment" && !isSpecial(token, "<>")),
  );
  const comment = textOf(around.filter(({ kind }) => kind === "comment"));
  const address = addressOf(tokens.slice(start, end).filter(({ kind }) => kind !== "comment"));
  const name = decodeWords(phrase === "" ? comment : phrase);
  // A name that repeats the address says nothing.
  return { address, name: name === address ? "" : name };
}

interface AddressRange {
  /** Where what stands before it ends. */
  readonly before: number;
  readonly start: number;
  readonly end: number;
}

/** Finds the address: between angle brackets, or else what is joined by `@` and dots. */
function addressRange(tokens: readonly HeaderToken[]): AddressRange {
  const opening = tokens.findLastIndex((token) => isSpecial(token, "<"));
  if (opening >= 0) {
    const closing = tokens.findIndex((token, index) => index > opening && isSpecial(token, ">"));
    const end = closing < 0 ? tokens.length : closing;
    const routeEnd = tokens.findLastIndex((token, index) => index < end && isSpecial(token, ":"));
    return { before: opening, start: Math.max(opening, routeEnd) + 1, end };
  }
  const at = tokens.findIndex((token) => isSpecial(token, "@"));
  if (at < 0) return { before: tokens.length, start: tokens.length, end: tokens.length };
  let start = at;
  let end = at + 1;
  while (start > 0 && belongTogether(tokens[start - 1], tokens[start])) start--;
  while (end < tokens.length && belongTogether(tokens[end - 1], tokens[end])) end++;
  return { before: start, start, end };
}

/** White space and comments may stand beside `@` and dots, and nowhere else in an address. */
function belongTogether(left: HeaderToken | undefined, right: HeaderToken | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  return !right.isApart || isSpecial(left, "@") || isSpecial(right, "@") ||
    left.text.endsWith(".") || right.text.startsWith(".");
}

/** Puts a local part that was quoted into quotes again if it needs them. */
function addressOf(tokens: readonly HeaderToken[]): string {
  const at = tokens.findLastIndex((token) => isSpecial(token, "@"));
  if (at < 0) return joined(tokens);
  const local = joined(tokens.slice(0, at));
  const domain = joined(tokens.slice(at + 1));
  const needsQuotes = tokens.some(({ kind }) => kind === "quoted") && !DOT_ATOM.test(local);
  return `${needsQuotes ? `"${local.replace(/["\\]/g, "\\$&")}"` : local}@${domain}`;
}

function joined(tokens: readonly HeaderToken[]): string {
  return tokens.map(({ text }) => text).join("");
}

function textOf(tokens: readonly HeaderToken[]): string {
  return tokens.map(({ text, isApart }) => isApart ? ` ${text}` : text).join("").trim();
}

function isSpecial(token: HeaderToken | undefined, characters: string): boolean {
  return token?.kind === "special" && characters.includes(token.text);
}
