/** The field over the list: what was said anywhere, found while it is typed, the newest first. */

import { element, setText } from "./elements.js";
import { icon, iconButton } from "./icons.js";

const AFTER_MS = 120;

export class Search {
  /**
   * @param {import("./words.js").Say} say
   * @param {{find: (number: number, text: string, before: number | null) => void, openAt: (hit: object) => void, searching: (is: boolean) => void, shortcut: string}} actions
   */
  constructor(say, actions) {
    this.say = say;
    this.actions = actions;
    /** Counts what was asked: only the answer to the newest is shown. */
    this.number = 0;
    this.timer = 0;
    this.hits = [];
    this.build();
  }

  build() {
    const name = this.say("search");
    this.input = element("input", { type: "search", class: "search-input", "aria-label": name, placeholder: name, autocomplete: "off", spellcheck: "false", maxlength: 200, title: `${name} (${this.actions.shortcut})` });
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.clear = iconButton({ icon: "close", name: this.say("search_clear"), size: 16, class: "search-clear", onclick: () => this.leave() });
    this.clear.hidden = true;
    const key = element("kbd", { "aria-hidden": "true" }, this.actions.shortcut);
    this.box = element("div", { class: "search", role: "search" }, icon("search", 16), this.input, key, this.clear);
    this.note = element("p", { class: "none", role: "status" });
    this.list = element("ol", { class: "hits" });
    this.list.addEventListener("keydown", (event) => this.walked(event));
    this.more = element("button", { type: "button", class: "list-button", hidden: true, onclick: () => this.ask(this.hits.at(-1).place) }, this.say("list_more"));
    this.results = element("div", { class: "found", "aria-label": this.say("search_results"), hidden: true }, this.note, this.list, this.more);
  }

  get text() {
    return this.input.value.trim();
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  typed() {
    clearTimeout(this.timer);
    const searching = this.text !== "";
    this.clear.hidden = !searching;
    this.results.hidden = !searching;
    this.actions.searching(searching);
    if (searching) this.timer = setTimeout(() => this.ask(null), AFTER_MS);
    else this.draw([]);
  }

  ask(before) {
    this.number += 1;
    this.actions.find(this.number, this.text, before);
  }

  /** @param {{n: number, items: object[], before: number | null, more: boolean}} frame */
  show({ n, items, before, more }) {
    if (n !== this.number || !this.text) return;
    this.draw(before === null ? items : [...this.hits, ...items]);
    setText(this.note, this.hits.length ? "" : this.say("search_none", { text: this.text }));
    this.more.hidden = !more;
  }

  draw(hits) {
    this.hits = hits;
    setText(this.note, "");
    this.more.hidden = true;
    this.list.replaceChildren(...apart(hits).map((hit) => this.hit(hit)));
  }

  hit(hit) {
    const words = hit.excerpt.map((text, index) => (index % 2 ? element("mark", {}, text) : text));
    return element(
      "li",
      {},
      element(
        "button",
        { type: "button", class: "hit", onclick: () => this.actions.openAt(hit) },
        element("span", { class: "hit-head" }, element("span", { class: "title" }, hit.title), element("time", { datetime: hit.at }, hit.day)),
        element("span", { class: "hit-text" }, ...words),
      ),
    );
  }

  leave() {
    this.input.value = "";
    this.typed();
    this.input.focus();
  }

  pressed(event) {
    if (event.isComposing) return;
    if (event.key === "Escape" && this.input.value) {
      this.leave();
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      this.list.querySelector("button")?.focus();
    } else if (event.key === "Enter") this.list.querySelector("button")?.click();
  }

  walked(event) {
    const buttons = [...this.list.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    if (event.key === "ArrowDown") buttons[Math.min(at + 1, buttons.length - 1)].focus();
    else if (event.key === "ArrowUp") (at > 0 ? buttons[at - 1] : this.input).focus();
    else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** What was found in a chat tells of it already: then its title is no find of its own. */
function apart(hits) {
  const told = new Set(hits.filter(({ message }) => message).map(({ conversation }) => conversation));
  return hits.filter(({ message, conversation }) => message || !told.has(conversation));
}
