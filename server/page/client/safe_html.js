/**
 * The HTML of a stranger's mail, made harmless: it is parsed in a document that runs and loads nothing, and rebuilt from elements
 * and attributes that only format text. This is the first of three walls: the frame that shows it is a sandbox without any
 * permission, and the policy of the page allows neither scripts nor anything remote.
 */
import { withoutNoise } from "./quiet_html.js";

const ELEMENTS = new Set(
  ("a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em " +
    "figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q s samp section small span " +
    "strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr").split(" "),
);

/** Their content is not text. */
const DROPPED_WHOLE = new Set(
  "script style template iframe frame object embed svg math head title select textarea audio video canvas"
    .split(" "),
);

const ATTRIBUTES = new Set("align alt colspan dir lang rowspan start title valign".split(" "));

/** The addresses in these are checked. */
const ADDRESSES = new Map([["a", "href"], ["img", "src"]]);

/** A picture in the mail itself; SVG is excluded, since it is a document. */
const EMBEDDED_PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=\s]+$/i;

/** Deeper nesting is an attack on recursive readers. */
const MAX_DEPTH = 200;

/** A longer text is not for people. */
const MAX_LENGTH = 1_000_000;

/** The frame's own policy, in case it is ever shown without the page's. */
const POLICY = "default-src 'none'; img-src data:";

/** A whole document, for a sandbox. @param {string} html */
export function toSafeDocument(html) {
  const quiet = withoutNoise(html.slice(0, MAX_LENGTH), isRead);
  const source = new DOMParser().parseFromString(quiet, "text/html");
  const target = document.implementation.createHTMLDocument("");
  const policy = target.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = POLICY;
  const scheme = target.createElement("meta");
  scheme.name = "color-scheme";
  scheme.content = "light";
  target.head.replaceChildren(policy, scheme);
  copyChildren(source.body, target.body, 0);
  return `<!doctype html>${target.documentElement.outerHTML}`;
}

/** @param {string} element @param {string} attribute */
function isRead(element, attribute) {
  return ATTRIBUTES.has(attribute) || attribute === ADDRESSES.get(element);
}

/** @param {Element} from @param {Element} to @param {number} depth */
function copyChildren(from, to, depth) {
  if (depth > MAX_DEPTH) return;
  for (const child of from.childNodes) {
    if (child instanceof Text) to.append(child.data);
    if (!(child instanceof Element)) continue;
    const name = child.localName;
    if (DROPPED_WHOLE.has(name)) continue;
    if (!(child instanceof HTMLElement) || !ELEMENTS.has(name)) copyChildren(child, to, depth + 1);
    else copyElement(child, name, to, depth);
  }
}

/** @param {HTMLElement} from @param {string} name @param {Element} to @param {number} depth */
function copyElement(from, name, to, depth) {
  const source = from.getAttribute("src") ?? "";
  if (name === "img" && !EMBEDDED_PICTURE.test(source)) {
    to.append(
      `[picture${from.getAttribute("alt") ? `: ${from.getAttribute("alt")}` : ""}, not loaded]`,
    );
    return;
  }
  const copy = to.ownerDocument.createElement(name);
  for (const { name: attribute, value } of from.attributes) {
    if (ATTRIBUTES.has(attribute)) copy.setAttribute(attribute, value);
  }
  if (name === "img") copy.setAttribute("src", source);
  // A link is inert; its target is shown as text.
  if (name === "a" && from.hasAttribute("href")) copy.title = from.getAttribute("href") ?? "";
  to.append(copy);
  copyChildren(from, copy, depth + 1);
}
