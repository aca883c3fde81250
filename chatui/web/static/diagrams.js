/** Diagrams in answers: the source stands in a place of fixed height, and the picture takes that place, so nothing moves. */

import { element, setText } from "./elements.js";
import { icon } from "./icons.js";
import { studio } from "./studio.js";

const DARK = "(prefers-color-scheme: dark)";

/** So many times as large as it was drawn is the most that a diagram is shown: its words are then as large as a heading. */
const LARGEST = 1.2;
const VIEW = /<svg[^>]*\sviewBox="\S+ \S+ (\S+) (\S+)"/;

/** @type {WeakMap<Element, () => void>} draws the diagram of a block anew */
const drawings = new WeakMap();
/** @type {IntersectionObserver | null} */
let near = null;

/** Tells of blocks that are about to be seen. */
function watch(pre) {
  const begun = (seen) => seen.filter((one) => one.isIntersecting).forEach((one) => begin(one.target));
  near ??= new IntersectionObserver(begun, { root: document.getElementById("reading"), rootMargin: "600px" });
  near.observe(pre);
}

/**
 * Draw the diagram of a block that is whole, once somebody is about to see it.
 * @param {HTMLPreElement} pre
 * @param {{diagram: string, diagram_source: string, diagram_show: string, diagram_failed: string}} names
 */
export function offerDiagram(pre, names) {
  const source = pre.querySelector("code").textContent;
  const picture = element("img", { alt: names.diagram });
  const place = element("span", { class: "diagram", hidden: true }, picture);
  const words = element("span");
  const turn = element("button", { type: "button", class: "text-button diagram-turn", hidden: true, onclick: () => show(!pre.hasAttribute("data-drawn")) }, icon("swap", 16), words);
  const note = element("span", { class: "diagram-note", role: "status", hidden: true }, names.diagram_failed);
  pre.append(turn, place, note);
  const show = (drawn) => {
    pre.toggleAttribute("data-drawn", drawn);
    place.hidden = !drawn;
    setText(words, drawn ? names.diagram_source : names.diagram_show);
  };
  drawings.set(pre, async () => {
    const svg = await studio.draw(source, isDark());
    note.hidden = svg !== null;
    if (svg === null) return;
    URL.revokeObjectURL(picture.src);
    const [, width, height] = VIEW.exec(svg) ?? [];
    if (width) Object.assign(picture, { width: width * LARGEST, height: height * LARGEST });
    // A picture runs no script and asks for nothing, whatever is in it.
    picture.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    if (turn.hidden) show(true);
    turn.hidden = false;
  });
  watch(pre);
}

function begin(pre) {
  near.unobserve(pre);
  drawings.get(pre)?.();
}

function isDark() {
  return (document.documentElement.dataset.theme ?? (window.matchMedia(DARK).matches ? "dark" : "light")) === "dark";
}

/** Other colours: what is drawn is drawn anew. */
function redraw() {
  for (const place of document.querySelectorAll("pre:has(> .diagram > img[src])")) drawings.get(place)?.();
}

window.matchMedia(DARK).addEventListener("change", redraw);
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
