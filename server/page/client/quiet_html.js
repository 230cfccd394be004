/**
 * Removes parts of a mail's HTML that the page's policy would report when the text is only parsed, though they cannot run:
 * otherwise they fill the console. Anything missed is harmless.
 *
 * Each expression begins where the last one ended: no stranger's text can make the search long.
 */

const START_TAG = /<([a-z][^\s/>]*)/gi;
const ATTRIBUTE = /[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>][^\s>]*))?/y;
const TAG_END = /[\s/]*>/y;

const TEXT_ENDS = new Map([
  ["script", /<\/script(?=[\s/>])/gi],
  ["style", /<\/style(?=[\s/>])/gi],
]);

/**
 * Removes scripts, styles, and unused attributes.
 *
 * @param {string} html
 * @param {(element: string, attribute: string) => boolean} isRead Whether an attribute stays; both names are in lower case.
 * @returns {string}
 */
export function withoutNoise(html, isRead) {
  let kept = "";
  let at = 0;
  for (;;) {
    const tag = next(START_TAG, html, at);
    if (tag === null) return kept + html.slice(at);
    kept += html.slice(at, tag.index);
    const name = (tag[1] ?? "").toLowerCase();
    const textEnd = TEXT_ENDS.get(name);
    if (textEnd !== undefined) {
      const end = next(textEnd, html, START_TAG.lastIndex);
      if (end === null) return kept + html.slice(tag.index);
      at = end.index;
      continue;
    }
    kept += `<${name}`;
    at = START_TAG.lastIndex;
    for (let found; (found = next(ATTRIBUTE, html, at)) !== null; at = ATTRIBUTE.lastIndex) {
      const [, attribute = "", value] = found;
      if (value !== undefined && isRead(name, attribute.toLowerCase())) {
        kept += ` ${attribute}=${value}`;
      }
    }
    // The parser drops an unclosed tag, hence the rest.
    if (next(TAG_END, html, at) === null) return kept;
    kept += ">";
    at = TAG_END.lastIndex;
  }
}

/** @param {RegExp} expression @param {string} text @param {number} from */
function next(expression, text, from) {
  expression.lastIndex = from;
  return expression.exec(text);
}
