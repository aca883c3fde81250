/** Making elements: everything people wrote reaches the page as text, never as HTML. */

/**
 * Make an element. A property that is a function named `on...` becomes a listener; `true` is an empty attribute; null and
 * false leave the attribute out.
 * @param {string} tag
 * @param {Object<string, string | number | boolean | null | undefined | Function>} [properties]
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElement}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) set(made, name, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/**
 * Put text into an element only when it differs, so that screen readers and selections are left alone.
 * @param {Element} target
 * @param {string} text
 */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

function set(target, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") target.addEventListener(name.slice(2), value);
  else target.setAttribute(name, value === true ? "" : String(value));
}
