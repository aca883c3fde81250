/** The model picker: a button that says who answers, and the list to choose from. */

import { element, setText } from "./elements.js";
import { icon } from "./icons.js";

/** The facts of a line so that it breaks between two of them only. */
function inWholes(facts) {
  return facts.replaceAll(/(?<!·) (?!·)/g, "\u00a0");
}

export class Picker {
  /**
   * @param {import("./words.js").Say} say
   * @param {(name: string) => void} chosen
   */
  constructor(say, chosen) {
    this.say = say;
    this.chosen = chosen;
    this.items = [];
    this.drawn = "";
    this.current = null;
    this.active = 0;
    this.name = element("span", { class: "picker-name" });
    this.dot = element("span", { class: "dot", "aria-hidden": "true" });
    this.state = element("span", { class: "picker-state" });
    this.button = element(
      "button",
      { type: "button", class: "picker-button", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-controls": "models", onclick: () => this.toggle() },
      element("span", { class: "unseen" }, say("choose_model")), this.name, this.dot, this.state, icon("choose", 16),
    );
    this.list = element("ul", { id: "models", role: "listbox", "aria-label": say("choose_model"), tabindex: "-1", hidden: true });
    this.root = element("div", { class: "picker" }, this.button, this.list);
    this.listen();
  }

  listen() {
    this.button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      this.open();
    });
    this.list.addEventListener("keydown", (event) => this.pressed(event));
    this.root.addEventListener("focusout", (event) => this.root.contains(event.relatedTarget) || this.close());
    document.addEventListener("pointerdown", (event) => this.root.contains(event.target) || this.close());
  }

  /**
   * @param {{name: string, loaded: boolean, facts: string}[]} items
   * @param {string | null} current the model that answers the next question
   */
  show(items, current) {
    const drawing = JSON.stringify([items, current]);
    if (drawing === this.drawn) return;
    this.drawn = drawing;
    this.items = items;
    this.current = items.find((item) => item.name === current) ?? null;
    this.active = Math.max(0, items.indexOf(this.current));
    this.drawButton();
    this.list.replaceChildren(...items.map((item, index) => this.option(item, index)));
    this.mark();
  }

  drawButton() {
    const model = this.current;
    const state = model === null ? "" : this.say(model.loaded ? "loaded" : "unloaded");
    setText(this.name, model?.name ?? this.say("no_models"));
    setText(this.state, state);
    this.dot.hidden = model === null;
    this.root.dataset.loaded = String(Boolean(model?.loaded));
    this.button.disabled = this.items.length === 0;
    this.button.title = model?.facts ?? "";
  }

  option(item, index) {
    const state = item.loaded ? this.say("loaded_now") : (item.wait ?? this.say("unloaded"));
    const facts = element("span", { class: "option-facts" }, inWholes([state, item.facts].filter(Boolean).join(" · ")));
    const tight = item.tight ? [element("span", { class: "option-facts option-tight" }, item.tight)] : [];
    const made = element(
      "li",
      { id: `model-${index}`, role: "option", "data-loaded": String(item.loaded), onclick: () => this.choose(index), onpointermove: () => this.point(index) },
      element("span", { class: "dot", "aria-hidden": "true" }),
      element("span", { class: "option-text" }, element("span", { class: "option-name" }, item.name), facts, ...tight),
      icon("check", 16),
    );
    made.setAttribute("aria-selected", String(item === this.current));
    return made;
  }

  get isOpen() {
    return !this.list.hidden;
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
  }

  open() {
    this.list.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.point(Math.max(0, this.items.indexOf(this.current)));
    this.list.focus();
  }

  close() {
    this.list.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  /** Close by key: the focus goes back to where it came from. */
  leave() {
    this.close();
    this.button.focus();
  }

  choose(index) {
    this.leave();
    this.chosen(this.items[index].name);
  }

  pressed(event) {
    const moves = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, Home: 0, End: this.items.length - 1 };
    if (event.key in moves) this.point(moves[event.key]);
    else if (event.key === "Enter" || event.key === " ") this.choose(this.active);
    else if (event.key === "Escape") this.leave();
    else if (event.key.length === 1) this.jump(event.key.toLowerCase());
    else return;
    event.preventDefault();
  }

  /** To the next model whose name begins with a letter. */
  jump(letter) {
    const order = this.items.map((_, step) => (this.active + 1 + step) % this.items.length);
    const found = order.find((index) => this.items[index].name.toLowerCase().startsWith(letter));
    if (found !== undefined) this.point(found);
  }

  point(index) {
    this.active = Math.min(Math.max(index, 0), this.items.length - 1);
    this.mark();
    if (this.isOpen) this.list.children[this.active]?.scrollIntoView({ block: "nearest" });
  }

  mark() {
    [...this.list.children].forEach((option, index) => option.toggleAttribute("data-active", index === this.active));
    if (this.items.length) this.list.setAttribute("aria-activedescendant", `model-${this.active}`);
  }
}
