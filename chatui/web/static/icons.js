/** One outline set on a grid of 20, drawn for this page. */

import { element } from "./elements.js";

const SVG = "http://www.w3.org/2000/svg";

const STROKES = {
  add: ["M10 4.5v11", "M4.5 10h11"],
  again: ["M16.2 8.2A6.5 6.5 0 1 0 16.4 12", "M16.5 4v4.3h-4.3"],
  alert: ["M10 3.2 17.4 16H2.6z", "M10 8.2v3.6", "M10 14v.1"],
  archive: ["M3.5 4.5h13v3.4h-13z", "M4.8 7.9v7.6h10.4V7.9", "M8.2 11h3.6"],
  attach: ["m12.6 6.6-5 5a1.4 1.4 0 0 0 2 2l5.2-5.2a2.9 2.9 0 0 0-4.1-4.1L5.2 9.8a4.4 4.4 0 0 0 6.2 6.2l4.4-4.4"],
  back: ["M16 10H4.5", "m9 5.5-4.5 4.5L9 14.5"],
  bad: ["M13.2 11 10.4 16.6c-1.2 0-1.9-.8-1.7-2l.5-2.6h-4a1.3 1.3 0 0 1-1.3-1.6l1.1-5a1.5 1.5 0 0 1 1.5-1.2h6.7z", "M13.2 11H16V4.2h-2.8"],
  check: ["m4.5 10.5 3.6 3.6 7.4-8"],
  choose: ["m6 8 4 4 4-4"],
  close: ["m5.5 5.5 9 9", "m14.5 5.5-9 9"],
  command: ["M12 4.5 8 15.5"],
  columns: ["M3.5 4.5h5.2v11H3.5z", "M11.3 4.5h5.2v11h-5.2z"],
  compose: ["M10 4H5.5A1.5 1.5 0 0 0 4 5.5v9A1.5 1.5 0 0 0 5.5 16h9a1.5 1.5 0 0 0 1.5-1.5V10", "M8 12l.5-2.6 7-7 2.1 2.1-7 7z"],
  copy: ["M7.5 7.5h8v8h-8z", "M4.5 12.5v-8h8"],
  down: ["M10 4.5v11", "m5.5 11 4.5 4.5 4.5-4.5"],
  edit: ["m4.2 15.8.6-3L13 4.6a1.5 1.5 0 0 1 2.1 0l.3.3a1.5 1.5 0 0 1 0 2.1l-8.2 8.2z", "m11.8 5.8 2.4 2.4"],
  file: ["M5.5 3.5h6l3 3v10h-9z", "M11.5 3.5v3h3", "M8 10.5h4", "M8 13.2h4"],
  forward: ["M4 5.5v9l6-4.5z", "M10.5 5.5v9l6-4.5z"],
  folder: ["M3.5 5.5h4.3l1.7 2h7v7.8h-13z"],
  good: ["M6.8 9 9.6 3.4c1.2 0 1.9.8 1.7 2L10.8 8h4a1.3 1.3 0 0 1 1.3 1.6l-1.1 5a1.5 1.5 0 0 1-1.5 1.2H6.8z", "M6.8 9H4v6.8h2.8"],
  info: ["M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14z", "M10 9.2V13.5", "M10 6.6v.1"],
  keys: ["M3 6h14v8.5H3z", "M6 9h.1", "M9 9h.1", "M12 9h.1", "M14.6 9h.1", "M7 12h6"],
  left: ["m11.5 5.5-4.5 4.5 4.5 4.5"],
  menu: ["M3.5 6h13", "M3.5 10h13", "M3.5 14h8"],
  more: ["M4.5 10h.1", "M10 10h.1", "M15.5 10h.1"],
  move: ["M3.5 5.5h4.3l1.7 2h7v7.8h-13z", "M8 11.4h4.4", "m10.6 9.6 1.8 1.8-1.8 1.8"],
  offline: ["m3.5 3.5 13 13", "M4 8.6a9 9 0 0 1 2.4-1.6", "M9.4 5.9A9 9 0 0 1 16 8.6", "M6.8 11.6a5 5 0 0 1 2.4-1.3", "M10 15v.1"],
  panel: ["M3.5 4.5h13v11h-13z", "M8 4.5v11"],
  people: ["M7.5 9.2a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4z", "M2.6 16c0-2.9 2-4.6 4.9-4.6s4.9 1.7 4.9 4.6", "M13 9.2a2.3 2.3 0 1 0-.6-4.5", "M14 11.5c2.1.2 3.4 1.7 3.4 4.1"],
  passing: ["M5.5 3.5h9", "M5.5 16.5h9", "M6.5 3.5c0 4 3.5 4.5 3.5 6.5s-3.5 2.5-3.5 6.5", "M13.5 3.5c0 4-3.5 4.5-3.5 6.5s3.5 2.5 3.5 6.5"],
  pin: ["M7 3.5h6", "M8 3.5v5L5.8 11.2h8.4L12 8.5v-5", "M10 11.2v5.3"],
  prompts: ["M5 3.5h10v13l-5-3.2-5 3.2z"],
  quote: ["M4.5 12.6c0-3 1.2-5.2 3.6-6.4", "M4.5 12.6a1.7 1.7 0 1 0 3.4 0 1.7 1.7 0 0 0-3.4 0z", "M11.5 12.6c0-3 1.2-5.2 3.6-6.4", "M11.5 12.6a1.7 1.7 0 1 0 3.4 0 1.7 1.7 0 0 0-3.4 0z"],
  right: ["m8.5 5.5 4.5 4.5-4.5 4.5"],
  samovar: [
    "M7.6 5.2h4.8", "M8.6 5.2 9 3h2l.4 2.2",
    "M6.4 7.2h7.2c.9 2.6.3 5.2-1.7 7.3H8.1c-2-2.1-2.6-4.7-1.7-7.3z",
    "M6.2 9.2H4.6v2.2", "M13.9 8.6h1.8v2.4h-1.9", "M8.6 14.5v1.8", "M11.4 14.5v1.8", "M6.6 16.8h6.8",
  ],
  search: ["M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11z", "m13 13 3.8 3.8"],
  send: ["M10 15.5v-11", "M5.5 9 10 4.5 14.5 9"],
  settings: [
    "M3.5 6h7.2", "M14.3 6h2.2", "M12.5 7.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z",
    "M3.5 14h2.2", "M9.3 14h7.2", "M7.5 15.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z",
  ],
  stop: ["M6 6h8v8H6z"],
  swap: ["M4 7.2h11.2", "m12.4 4.4 2.8 2.8-2.8 2.8", "M16 12.8H4.8", "m7.6 10-2.8 2.8 2.8 2.8"],
  top: ["M4.5 4h11", "M10 16V7.5", "M5.8 11.5 10 7.3l4.2 4.2"],
  download: ["M10 3.5v9", "M6.3 9.2 10 12.8l3.7-3.6", "M4 16h12"],
  upload: ["M10 12.8v-9", "M6.3 7.1 10 3.5l3.7 3.6", "M4 16h12"],
  trash: ["M4 5.8h12", "M8 5.8V4h4v1.8", "M5.5 5.8l.7 10.2h7.6l.7-10.2", "M8.6 8.8v4.4", "M11.4 8.8v4.4"],
  unarchive: ["M3.5 4.5h13v3.4h-13z", "M4.8 7.9v7.6h10.4V7.9", "M10 13.6V9.8", "m8.3 11.3 1.7-1.7 1.7 1.7"],
};

/** @type {Map<string, SVGSVGElement>} each is drawn once and copied from then on: a long chat has hundreds */
const drawn = new Map();

/**
 * An icon that says nothing to screen readers; its button carries the name.
 * @param {keyof typeof STROKES} name
 * @param {number} [size] in px
 * @returns {SVGSVGElement}
 */
export function icon(name, size = 20) {
  const key = `${name} ${size}`;
  if (!drawn.has(key)) drawn.set(key, draw(name, size));
  return drawn.get(key).cloneNode(true);
}

function draw(name, size) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { viewBox: "0 0 20 20", width: size, height: size, class: `icon icon-${name}`, "aria-hidden": "true", focusable: "false" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, String(value));
  for (const stroke of STROKES[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", stroke);
    svg.append(path);
  }
  return svg;
}

/**
 * A button that shows only an icon: the name is for screen readers, the tooltip adds the shortcut.
 * @param {{icon: keyof typeof STROKES, name: string, shortcut?: string, size?: number, class?: string, onclick?: Function}} options
 * @returns {HTMLButtonElement}
 */
export function iconButton({ icon: drawing, name, shortcut, size, class: extra = "", onclick = null }) {
  const title = shortcut ? `${name} (${shortcut})` : name;
  return element("button", { type: "button", class: `icon-button ${extra}`.trim(), "aria-label": name, title, onclick }, icon(drawing, size));
}
