/** The page's words. They come with the page in both languages, so that it can speak before the line is up. */

/** @typedef {(key: string, values?: Object<string, string | number>) => string} Say */

/**
 * The first language that the page has.
 * @param {readonly (string | null)[]} preferred as in `navigator.languages`
 * @returns {"en" | "zh"}
 */
export function pickLanguage(preferred) {
  const first = preferred.filter(Boolean).map((tag) => tag.toLowerCase().split("-")[0]).find((tag) => tag === "zh" || tag === "en");
  return first === "zh" ? "zh" : "en";
}

/**
 * A function that says a sentence, with `{name}` filled in. A missing word shows its key, which is a defect one can see.
 * @param {Document} page
 * @param {"en" | "zh"} language
 * @returns {Say}
 */
export function wording(page, language) {
  const source = page.querySelector('meta[name="samovar-words"]');
  const table = JSON.parse(source?.getAttribute("content") ?? "{}")[language] ?? {};
  return (key, values = {}) => fill(table[key] ?? key, values, language);
}

function fill(sentence, values, language) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? shown(values[name], language) : whole));
}

function shown(value, language) {
  return typeof value === "number" ? value.toLocaleString(language) : value;
}
