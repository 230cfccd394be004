import libmime from "libmime";

/** A piece of a structured header (RFC 5322 section 3.2). */
export interface HeaderToken {
  /**
   * `word`: what stands between the others, dots included; `quoted`: a quoted string; `literal`: a domain literal with its
   * brackets; `comment`: a comment; `special`: one of `<>@,;:`.
   */
  readonly kind: "word" | "quoted" | "literal" | "comment" | "special";
  /** The text, without the quotes of a quoted string and the parentheses of a comment. */
  readonly text: string;
  /** Whether white space or a comment stands before it. */
  readonly isApart: boolean;
}

const WHITE_SPACE = /[ \t\r\n]+/y;
const WORD = /[^ \t\r\n<>@,;:"()[\]]+/y;
const QUOTED = /"(?<content>[^"\\]*(?:\\[^][^"\\]*)*)(?:"|\\?$)/y;
const LITERAL = /\[[^\]\\]*(?:\\[^][^\]\\]*)*(?:\]|\\?$)/y;
const ESCAPE = /\\([^])/g;

/** Reads a structured header. Each text has its tokens: what is never closed ends with the header. */
export function headerTokens(value: string): readonly HeaderToken[] {
  const tokens: HeaderToken[] = [];
  let position = 0;
  let isApart = false;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = position;
    const match = pattern.exec(value);
    if (match !== null) position = pattern.lastIndex;
    return match;
  };
  const add = (kind: HeaderToken["kind"], text: string) => {
    tokens.push({ kind, text, isApart });
    isApart = kind === "comment";
  };
  while (position < value.length) {
    if (take(WHITE_SPACE) !== null) {
      isApart = true;
      continue;
    }
    const word = take(WORD) ?? undefined;
    if (word !== undefined) {
      add("word", word[0]);
      continue;
    }
    const quoted = take(QUOTED);
    if (quoted !== null) {
      add("quoted", unescape(quoted.groups?.content ?? ""));
      continue;
    }
    const literal = take(LITERAL);
    if (literal !== null) {
      add("literal", literal[0]);
      continue;
    }
    if (value[position] === "(") {
      const end = commentEnd(value, position);
      add("comment", unescape(value.slice(position + 1, end)));
      position = end + 1;
      continue;
    }
    add("special", value.charAt(position));
    position++;
  }
  return tokens;
}

/** Comments nest. */
function commentEnd(value: string, start: number): number {
  let depth = 0;
  for (let index = start; index < value.length; index++) {
    const character = value[index];
    if (character === "\\") index++;
    else if (character === "(") depth++;
    else if (character === ")" && --depth === 0) return index;
  }
  return value.length;
}

function unescape(text: string): string {
  return text.replace(ESCAPE, "$1");
}

/** Decodes the encoded words of a header (RFC 2047). U+FEFF at the beginning is the mark of UTF-8 (RFC 3629 section 6). */
export function decodeWords(text: string): string {
  return libmime.decodeWords(text).replace(/^\ufeff/, "");
}
