/** A small menu behind a button: above the page, closed by a click elsewhere, walked by arrow keys. */

import { element } from "./elements.js";
import { iconButton } from "./icons.js";

const GAP_PX = 4;
/** As in the style sheet, with room to the edge. */
const WIDEST_PX = 320;

export class Menu {
  /** @param {string} name of the button and the menu */
  constructor(name) {
    this.button = iconButton({ icon: "more", name, class: "menu-button" });
    this.button.setAttribute("aria-haspopup", "menu");
    this.button.setAttribute("aria-expanded", "false");
    this.list = element("div", { class: "menu", role: "menu", popover: "auto", "aria-label": name });
    // The browser ties them: a click on the button while the menu is open closes it, and the focus comes back.
    this.button.popoverTargetElement = this.list;
    this.list.addEventListener("beforetoggle", (event) => event.newState === "open" && this.place());
    this.list.addEventListener("toggle", (event) => this.button.setAttribute("aria-expanded", String(event.newState === "open")));
    this.list.addEventListener("keydown", (event) => this.pressed(event));
    this.root = element("span", { class: "menu-place" }, this.button, this.list);
  }

  /** @param {{name: string, fact: string, act: () => void}[]} items */
  fill(items) {
    this.list.replaceChildren(...items.map((item) => this.item(item)));
    this.list.firstElementChild?.setAttribute("autofocus", ""); // the browser goes there in the moment it opens
  }

  item({ name, fact, act }) {
    const chosen = () => {
      this.close();
      act();
    };
    const words = [element("span", { class: "menu-name" }, name), element("span", { class: "menu-fact" }, fact)];
    return element("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: chosen }, ...words);
  }

  close() {
    if (this.list.matches(":popover-open")) this.list.hidePopover();
  }

  /** Beside its button, on the side where there is room. */
  place() {
    const box = this.button.getBoundingClientRect();
    const up = box.top > window.innerHeight / 2;
    const right = box.left + WIDEST_PX > window.innerWidth;
    Object.assign(this.list.style, {
      top: up ? "auto" : `${box.bottom + GAP_PX}px`,
      bottom: up ? `${window.innerHeight - box.top + GAP_PX}px` : "auto",
      left: right ? "auto" : `${box.left}px`,
      right: right ? `${Math.max(GAP_PX, document.documentElement.clientWidth - box.right)}px` : "auto",
    });
  }

  pressed(event) {
    const items = [...this.list.children];
    const at = items.indexOf(document.activeElement);
    const moves = { ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length, Home: 0, End: items.length - 1 };
    if (event.key in moves) items[moves[event.key]].focus();
    else if (event.key === "Escape") this.close();
    else {
      if (event.key === "Tab") this.close();
      return;
    }
    // Escape on the page would stop the answer.
    event.preventDefault();
  }
}
