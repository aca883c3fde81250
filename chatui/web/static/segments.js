/** A choice of a few in one row: radio buttons, drawn as one control. */

import { element } from "./elements.js";

let made = 0;

/**
 * @param {string} name
 * @param {[string, string][]} options value and words
 * @param {string} chosen
 * @param {(value: string) => void} choose
 * @returns {Node[]} a label and the control
 */
export function segments(name, options, chosen, choose) {
  made += 1;
  const group = `segments-${made}`;
  const label = element("span", { class: "setting-name", id: group }, name);
  const parts = options.map(([value, words]) => {
    const input = element("input", { type: "radio", name: group, value, class: "unseen", onchange: () => choose(value) });
    input.checked = value === chosen;
    return element("label", { class: "segment" }, input, element("span", {}, words));
  });
  return [label, element("div", { class: "segments", role: "radiogroup", "aria-labelledby": group }, ...parts)];
}
