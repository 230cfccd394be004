/** What `JSON.parse` refuses within a text, or would write otherwise than it was written: `1.50`, `1e5`, `-0`, twenty digits. */
const NEEDS_CARE = /\p{Cc}|"\s*:\s*(?:-?\d+[.eE]|-?\d{17}|-0)/u;

/** What tells whether a control character is in a text, and where the first value ends. */
const LANDMARKS = /\\[^]|["[\]{}]|\p{Cc}/gu;

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
  return JSON.parse(toStrictJson(text), (_key, value, context?: { readonly source?: string }) => {
    const written = context?.source;
    return typeof value === "number" && String(value) !== written ? written : value;
  });
}

function toStrictJson(text: string): string {
  const parts: string[] = [];
  let copiedTo = 0;
  let depth = 0;
  let isInString = false;
  for (const { 0: found, index } of text.matchAll(LANDMARKS)) {
    if (found === '"') isInString = !isInString;
    else if (isInString) {
      if (found >= " ") continue;
      parts.push(text.slice(copiedTo, index), JSON.stringify(found).slice(1, -1));
      copiedTo = index + 1;
    } else if (found === "[" || found === "{") depth++;
    else if ((found === "]" || found === "}") && --depth <= 0) {
      return parts.join("") + text.slice(copiedTo, index + 1);
    }
  }
  return parts.join("") + text.slice(copiedTo);
}
