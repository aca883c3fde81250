/** A menu behind a button of its own. */

import { element } from "./elements.js";
import { iconButton } from "./icons.js";
import { Popup } from "./popup.js";

export class Menu {
  /**
   * @param {string} name of the button and the menu
   * @param {{icon?: string, size?: number, entries?: () => import("./popup.js").Entry[]}} [options] `entries` are made
   *   anew each time it opens; without, `fill` gives them
   */
  constructor(name, { icon = "more", size, entries } = {}) {
    this.entries = [];
    const open = () => this.popup.toggleAt(this.button, entries?.() ?? this.entries);
    this.button = iconButton({ icon, name, size, class: "menu-button", onclick: open });
    this.button.setAttribute("aria-haspopup", "menu");
    this.button.setAttribute("aria-expanded", "false");
    this.button.addEventListener("pointerdown", () => this.popup.pressedAt(this.button));
    this.popup = new Popup(name);
    this.root = element("span", { class: "menu-place" }, this.button, this.popup.root);
  }

  /** @param {import("./popup.js").Entry[]} entries */
  fill(entries) {
    this.entries = entries;
    if (this.popup.isOpen) this.popup.refill(entries);
  }

  close() {
    this.popup.close();
  }
}
