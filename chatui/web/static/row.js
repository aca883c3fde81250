/** One conversation in the list: a link, what happens in it, and the button for what can be done with it. */

import { addressOf } from "./address.js";
import { element, setText } from "./elements.js";
import { icon, iconButton } from "./icons.js";

export class Row {
  /**
   * @param {string} id
   * @param {import("./words.js").Say} say
   * @param {{open: (id: string) => void, offer: (row: Row) => void, pressed: (anchor: HTMLElement) => void, rename: (id: string, title: string) => void, typed: () => void}} actions
   */
  constructor(id, say, actions) {
    this.say = say;
    this.actions = actions;
    this.item = { id, title: "" };
    this.title = element("span", { class: "title" });
    this.dot = element("span", { class: "dot", "aria-hidden": "true" });
    this.by = element("span", { class: "by", hidden: true });
    this.sign = icon("people", 16);
    this.words = element("span", { class: "unseen" });
    this.link = element("a", { href: addressOf(id), "data-id": id, onclick: (event) => this.clicked(event), onkeydown: (event) => this.typed(event) }, this.title, this.by, this.sign, this.dot, this.words);
    this.button = iconButton({ icon: "more", name: "", size: 16, class: "row-menu", onclick: () => actions.offer(this) });
    this.button.setAttribute("aria-haspopup", "menu");
    this.button.addEventListener("pointerdown", () => actions.pressed(this.button));
    this.root = element("li", { class: "row" }, this.link, this.button);
  }

  /** @param {{id: string, title: string, state: string | null, link: string | null, by: string | null}} item `by` whom it is shared, where it is not one's own */
  update(item) {
    this.item = item;
    setText(this.title, item.title);
    this.link.title = item.by ? this.say("shared_others", { title: item.title, name: item.by }) : item.title;
    setText(this.by, item.by ?? "");
    this.by.hidden = !item.by;
    this.sign.toggleAttribute("hidden", !item.link || Boolean(item.by));
    this.link.dataset.state = item.state ?? "";
    this.dot.hidden = !item.state;
    setText(this.words, item.state ? this.say(`list_${item.state}`) : "");
    this.button.setAttribute("aria-label", this.say("row_menu", { title: item.title }));
    this.button.title = this.say("row_menu_short");
  }

  mark(current) {
    if (current) this.link.setAttribute("aria-current", "page");
    else this.link.removeAttribute("aria-current");
  }

  clicked(event) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    this.actions.open(this.item.id);
  }

  typed(event) {
    if (event.key !== "F2" || this.item.by) return;
    event.preventDefault();
    this.edit();
  }

  /** Its title becomes a field in its place: Enter keeps what is typed, Escape gives it up. */
  edit() {
    const input = element("input", { type: "text", class: "field row-field", "aria-label": this.say("rename"), maxlength: 200 });
    input.value = this.item.title;
    let over = false;
    const end = (keeps) => {
      if (over) return;
      over = true;
      const title = input.value.trim();
      const focused = document.activeElement === input;
      input.replaceWith(this.link);
      if (focused) this.link.focus({ preventScroll: true });
      if (keeps && title && title !== this.item.title) this.actions.rename(this.item.id, title);
      this.actions.typed();
    };
    input.addEventListener("blur", () => end(true));
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
      event.preventDefault();
      event.stopPropagation();
      end(event.key === "Enter");
    });
    this.link.replaceWith(input);
    input.focus();
    input.select();
  }
}
