/** A number as JSON writes it (RFC 8259 section 6). */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** What `JSON.parse` refuses within a text, or would write otherwise than it was written: `1.50`, `1e5`, `-0`, twenty digits. */
const NEEDS_CARE = /\p{Cc}|"\s*:\s*(?:-?\d+[.eE]|-?\d{17}|-0)/u;

/**
 * Reads JSON as Zipkin's reader (Gson) does: texts may have raw control characters, and what follows the first value is not looked
 * at. A number that would lose its digits becomes a text, which Gson makes no difference to.
 *
 * @throws {SyntaxError} When it is malformed.
 */
export function parseLenientJson(text: string): unknown {
  if (!NEEDS_CARE.test(text)) {
    try {
      return JSON.parse(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return JSON.parse(toStrictJson(text));
}

function toStrictJson(text: string): string {
  const parts: string[] = [];
  let copiedTo = 0;
  let depth = 0;
  let isInString = false;
  const replace = (from: number, to: number, by: string) => {
    parts.push(text.slice(copiedTo, from), by);
    copiedTo = to;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (isInString) {
      if (character === "\\") at++;
      else if (character === '"') isInString = false;
      else if (character < " ") replace(at, at + 1, JSON.stringify(character).slice(1, -1));
      continue;
    }
    switch (character) {
      case '"':
        isInString = true;
        continue;
      case "[":
      case "{":
        depth++;
        continue;
      case "]":
      case "}":
        depth--;
        if (depth > 0) continue;
        return parts.join("") + text.slice(copiedTo, at + 1);
    }
    NUMBER.lastIndex = at;
    const [number] = NUMBER.exec(text) ?? [];
    if (number === undefined) continue;
    const end = at + number.length;
    if (String(Number(number)) !== number) replace(at, end, `"${number}"`);
    at = end - 1;
  }
  return parts.join("") + text.slice(copiedTo);
}
