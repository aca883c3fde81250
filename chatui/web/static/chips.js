/** Chips over the box: each a file with its size and tokens, how far it is, and a button that removes it. */

import { element, setText } from "./elements.js";
import { icon, iconButton } from "./icons.js";

const UNITS = ["B", "kB", "MB"];

/**
 * @param {number} bytes
 * @returns {string} with three figures at most
 */
export function sizeShown(bytes) {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const figure = bytes / 1024 ** step;
  return `${figure < 10 && step ? figure.toFixed(1) : Math.round(figure)} ${UNITS[step]}`;
}

/**
 * @param {{size: number, tokens: number, coding: string | null}} file `coding` as what its text was read, where that was to be found out
 * @param {import("./words.js").Say} say
 * @returns {string}
 */
export function factsOf({ size, tokens, coding }, say) {
  const facts = say("files_facts", { size: sizeShown(size), tokens: tokens.toLocaleString() });
  return coding ? say("files_coded", { facts, coding }) : facts;
}

export class Chips {
  /**
   * @param {import("./words.js").Say} say
   * @param {{remove: (item: object) => void, again: (item: object) => void, left: () => void}} actions `left` when the focus
   *   has nowhere else to go
   */
  constructor(say, actions) {
    Object.assign(this, { say, actions });
    /** @type {Map<object | string, HTMLElement>} */
    this.drawn = new Map();
    this.list = element("ul", { class: "chips", "aria-label": say("files_list"), hidden: true });
    this.news = element("span", { class: "unseen", role: "status" });
    this.root = element("div", { class: "chips-place" }, this.list, this.news);
    this.list.addEventListener("keydown", (event) => this.pressed(event));
  }

  /** @param {object[]} items of the server, and uploads */
  show(items) {
    const drawn = new Map(items.map((item) => [item.id ?? item, this.drawn.get(item.id ?? item) ?? this.chip(item)]));
    for (const [key, chip] of this.drawn) if (!drawn.has(key)) chip.remove();
    this.drawn = drawn;
    for (const item of items) this.draw(item, drawn.get(item.id ?? item));
    [...drawn.values()].forEach((chip, index) => this.list.children[index] === chip || this.list.insertBefore(chip, this.list.children[index] ?? null));
    this.list.hidden = items.length === 0;
  }

  chip(item) {
    const again = iconButton({ icon: "again", name: this.say("files_again", { name: item.name }), size: 16, class: "chip-again", onclick: () => this.actions.again(item) });
    const remove = iconButton({ icon: "close", name: this.say("files_remove", { name: item.name }), size: 16, class: "chip-remove", onclick: () => this.remove(item) });
    const sign = item.kind === "image" ? element("img", { src: `/attachments/${item.id}`, alt: "" }) : icon("file", 20);
    const words = element("span", { class: "chip-words" }, element("bdi", { class: "chip-name", title: item.name }, item.name), element("span", { class: "chip-facts" }));
    return element("li", { class: "chip" }, element("span", { class: "chip-sign" }, sign), words, again, remove, element("span", { class: "chip-bar" }));
  }

  draw(item, chip) {
    chip.dataset.state = item.state ?? "kept";
    setText(chip.querySelector(".chip-facts"), this.facts(item));
    chip.querySelector(".chip-again").hidden = !item.lost;
    chip.querySelector(".chip-bar").style.setProperty("--share", `${Math.round(100 * (item.share ?? 0))}%`);
  }

  facts(item) {
    if (item.state === "refused") return item.sentence;
    if (!item.state) return factsOf(item, this.say);
    const size = sizeShown(item.size);
    if (item.share === 1) return this.say("files_reading", { size });
    return this.say("files_coming", { size, percent: Math.round(100 * item.share) });
  }

  /** The focus goes to the next one, else to the one before, else back to the box. */
  remove(item) {
    const chip = this.drawn.get(item.id ?? item);
    const next = chip.nextElementSibling ?? chip.previousElementSibling;
    this.actions.remove(item);
    if (next?.isConnected) next.querySelector(".chip-remove").focus();
    else this.actions.left();
  }

  pressed(event) {
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    event.target.closest(".chip")?.querySelector(".chip-remove").click();
  }

  /** @param {string} sentence for screen readers */
  tell(sentence) {
    setText(this.news, sentence);
  }
}
