/** Between what stands in one place: the questions that were asked there, the answers that were given. */

import { element } from "./elements.js";
import { iconButton } from "./icons.js";

/**
 * @param {import("./words.js").Say} say
 * @param {{id: string, branches: string[]}} message
 * @param {(id: string) => void} turnTo
 * @returns {HTMLElement}
 */
export function switcher(say, { id, branches }, turnTo) {
  const at = branches.indexOf(id);
  const step = (drawing, name, to) => {
    const button = iconButton({ icon: drawing, name, size: 16, onclick: () => turnTo(branches[to]) });
    button.disabled = to < 0 || to >= branches.length;
    return button;
  };
  const place = element("span", { class: "branch-place", "aria-label": say("branch_place", { at: at + 1, of: branches.length }) }, `${at + 1}/${branches.length}`);
  return element("span", { class: "branches", role: "group", "aria-label": say("branches") }, step("left", say("branch_before"), at - 1), place, step("right", say("branch_after"), at + 1));
}
