/** Asking several models at once: which others answer the next question, too. */

import { element, setText } from "./elements.js";
import { icon } from "./icons.js";
import { Popup } from "./popup.js";

/** Beside the one that the picker shows: three columns can be read. */
const OTHERS = 2;

export class SideBySide {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./page.js").Page} page
   * @param {import("./words.js").Say} say
   */
  constructor(session, page, say) {
    Object.assign(this, { session, page, say });
    /** @type {string[]} names of models; for the next question alone */
    this.chosen = [];
    this.words = element("span", { class: "foot-words" });
    this.popup = new Popup(say("compare_menu"));
    this.button = element("button", { type: "button", class: "foot-button compare", "aria-haspopup": "menu", onclick: () => this.popup.toggleAt(this.button, this.entries()) }, icon("columns", 16), this.words);
    this.button.addEventListener("pointerdown", () => this.popup.pressedAt(this.button));
    page.composer.foot.insertBefore(this.button, page.composer.foot.querySelector(".meter"));
    page.composer.root.append(this.popup.root);
    const before = page.on.alongside;
    Object.assign(page.on, {
      alongside: () => ({ ...before?.(), others: this.others }),
      stopOne: (message) => session.send({ t: "stop", message }),
      goOnWith: (message, model) => this.goOnWith(message, model),
      accepted: () => this.choose([]),
    });
    page.whenShown(() => this.draw());
    this.draw();
  }

  /** Those of the chosen ones that are there and not the first one. */
  get others() {
    const { items } = this.session.models;
    return this.chosen.filter((name) => name !== this.session.model && items.some((item) => item.name === name));
  }

  /** @returns {import("./popup.js").Entry[]} */
  entries() {
    const models = this.session.models.items.filter((item) => item.name !== this.session.model);
    return models.map((item) => ({ name: item.name, fact: item.facts, checked: this.others.includes(item.name), kind: "choice", more: () => this.turn(item.name) }));
  }

  /** The menu stays open: two may be chosen in it. */
  turn(name) {
    const others = this.others;
    this.choose(others.includes(name) ? others.filter((other) => other !== name) : [...others, name].slice(-OTHERS));
    return this.entries();
  }

  /** The one whose answer stays is asked next, too. */
  goOnWith(message, model) {
    this.session.models.prefer(this.session.current, model);
    this.session.showModel();
    this.session.send({ t: "branch", message });
  }

  choose(names) {
    this.chosen = names;
    this.draw();
  }

  draw() {
    const others = this.others;
    this.button.hidden = this.session.models.items.length < 2;
    this.button.dataset.chosen = String(others.length > 0);
    this.button.title = this.say("compare_title");
    setText(this.words, others.length ? this.say("compare_with", { models: others.join(this.say("compare_and")) }) : this.say("compare"));
  }
}
