/** Code, tables and formulas in answers: the style sheet keeps the room for their chrome, so adding it moves nothing. */

import { copyText } from "./clipboard.js";
import { offerDiagram } from "./diagrams.js";
import { iconButton } from "./icons.js";

/**
 * Dress a finished block: language and copy button, and a wide table or formula that scrolls by keyboard.
 * @param {ParentNode} block
 * @param {Object<string, string>} names of the buttons
 */
export function dressBlock(block, names) {
  label(block);
  for (const pre of block.querySelectorAll("pre")) addCopy(pre, names);
  for (const pre of block.querySelectorAll('pre[data-language="mermaid"]')) offerDiagram(pre, names);
  for (const wide of block.querySelectorAll("div:has(> :is(table, math))")) wide.setAttribute("tabindex", "0");
}

/**
 * Write the language over code, by an attribute alone: the tail must keep its last element.
 * @param {ParentNode} block
 */
export function label(block) {
  for (const code of block.querySelectorAll("pre > code")) {
    const language = [...code.classList].find((name) => name.startsWith("language-"));
    if (language) code.parentElement.setAttribute("data-language", language.slice("language-".length));
  }
}

/**
 * The HTML as it came, without what `label` adds.
 * @param {Element} holder
 * @returns {string}
 */
export function plain(holder) {
  return holder.innerHTML.replace(/ data-language="[^"]*"/g, "");
}

function addCopy(pre, names) {
  const code = pre.querySelector("code") ?? pre;
  code.setAttribute("tabindex", "0"); // a wide block must scroll by keyboard, too
  const button = iconButton({ icon: "copy", name: names.copy, size: 16, class: "copy-code" });
  button.addEventListener("click", () => copyText(code.textContent, button, names));
  pre.append(button);
}
