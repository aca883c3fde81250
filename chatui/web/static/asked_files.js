/** The files of a question in the transcript: pictures small, and large on a click; others by name, to be saved. */

import { factsOf } from "./chips.js";
import { Dialog } from "./dialog.js";
import { element } from "./elements.js";
import { icon } from "./icons.js";

/**
 * @param {{id: string, name: string, kind: string, size: number, tokens: number, coding: string | null}[]} files
 * @param {import("./words.js").Say} say
 * @returns {HTMLElement[]}
 */
export function askedFiles(files, say) {
  return files.map((file) => (file.kind === "image" ? picture(file, say) : other(file, say)));
}

function picture(file, say) {
  const name = say("files_open", { name: file.name });
  const small = element("img", { src: addressOf(file), alt: file.name, loading: "lazy" });
  return element("button", { type: "button", class: "asked-picture", "aria-label": name, title: file.name, onclick: () => enlarge(file, say) }, small);
}

function enlarge(file, say) {
  const dialog = new Dialog(say, file.name, { wide: true });
  dialog.root.classList.add("picture-dialog");
  dialog.show(element("img", { src: addressOf(file), alt: file.name }));
}

function other(file, say) {
  const words = element("span", { class: "chip-words" }, element("bdi", { class: "chip-name", title: file.name }, file.name), element("span", { class: "chip-facts" }, factsOf(file, say)));
  return element("a", { class: "chip", href: addressOf(file), download: file.name }, element("span", { class: "chip-sign" }, icon("file", 20)), words);
}

function addressOf(file) {
  return `/attachments/${file.id}`;
}
