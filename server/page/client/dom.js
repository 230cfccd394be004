/**
 * The few helpers with which the page builds what it shows. Texts become text nodes: nothing that comes from the server is ever
 * parsed as HTML.
 *
 * @module
 */

/**
 * Makes an element.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag Its name.
 * @param {Readonly<Record<string, string>>} [attributes] Its attributes.
 * @param {readonly (Node | string)[]} children What is in it; strings are text.
 * @returns {HTMLElementTagNameMap[Tag]} The element.
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * Finds a part of the page that the server has rendered.
 *
 * @template {Element} Part
 * @param {string} id Its id.
 * @param {new () => Part} type Its class.
 * @returns {Part} The part.
 * @throws {Error} If there is none: the script and the page do not fit together.
 */
export function part(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no ${type.name} with the id ${id}`);
  return found;
}

/**
 * Gives a parent these children, and leaves those where they are that stand right already: what has the focus keeps it.
 *
 * @param {Element} parent Whose children.
 * @param {readonly Element[]} children All of them, in order.
 */
export function arrange(parent, children) {
  const kept = new Set(children);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  children.forEach((child, index) => {
    const there = parent.children[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  });
}

/**
 * Sets a text, and touches nothing when it is there already: a screen reader would read it again.
 *
 * @param {Element} target Where.
 * @param {string} text What.
 */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
