/** The places in a prompt that are filled in when it is used: {{topic}}, or {{language:English}} with what it begins with. */

const PLACE = /\{\{([^{}\n:：]{1,60})(?:[:：]([^{}]{0,2000}))?\}\}/g;

/**
 * @param {string} text
 * @returns {{name: string, initial: string}[]} each name once, in its order
 */
export function placesIn(text) {
  const places = new Map();
  for (const [, named, initial = ""] of text.matchAll(PLACE)) {
    const name = named.trim();
    if (name && !places.get(name)) places.set(name, initial.trim());
  }
  return [...places].map(([name, initial]) => ({ name, initial }));
}

/**
 * @param {string} text
 * @returns {string} as it is read at a glance, with the places by their names alone: [topic]
 */
export function legible(text) {
  return text.replace(PLACE, (_whole, named) => `[${named.trim()}]`);
}

/**
 * @param {string} text
 * @param {Map<string, string>} values by the name of the place; what has none stays as it is
 * @returns {string}
 */
export function filledIn(text, values) {
  return text.replace(PLACE, (whole, named) => values.get(named.trim()) ?? whole);
}
