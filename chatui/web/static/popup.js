/** A small menu over the page, at whatever it was asked for from: closed by a click elsewhere, walked by arrow keys. */

import { element } from "./elements.js";
import { icon } from "./icons.js";

const GAP_PX = 4;
/** As in the style sheet, with room to the edge. */
const WIDEST_PX = 320;

/**
 * @typedef {{name: string, fact?: string, icon?: string, checked?: boolean, kind?: "danger" | "choice", act?: () => void, more?: () => Entry[]}} Entry
 *   `act` closes the menu first; `more` puts other entries in the place of these; a "choice" is one of
 *   several that may be checked, and stays where it is
 */

export class Popup {
  /**
   * @param {string} name
   * @param {(open: boolean) => void} [turned] told when it opens and closes
   */
  constructor(name, turned = () => {}) {
    this.anchor = null;
    this.closedAt = null;
    this.root = element("div", { class: "menu", role: "menu", popover: "auto", "aria-label": name });
    this.root.addEventListener("beforetoggle", (event) => event.newState === "open" && this.place());
    this.root.addEventListener("toggle", (event) => this.toggled(event.newState === "open", turned));
    this.root.addEventListener("keydown", (event) => this.pressed(event));
  }

  get isOpen() {
    return this.root.matches(":popover-open");
  }

  /** @param {Entry[]} entries */
  fill(entries) {
    this.root.replaceChildren(...entries.map((entry) => this.entry(entry)));
    this.root.firstElementChild?.setAttribute("autofocus", ""); // the browser goes there in the moment it opens
  }

  entry({ name, fact, icon: drawing, checked, kind, act, more }) {
    const chosen = () => {
      if (more) return this.exchange(more(), kind === "choice" ? [...this.root.children].indexOf(made) : 0);
      this.close();
      return act();
    };
    const role = checked === undefined ? "menuitem" : kind === "choice" ? "menuitemcheckbox" : "menuitemradio";
    const words = element("span", { class: "menu-words" }, element("span", { class: "menu-name" }, name), fact ? element("span", { class: "menu-fact" }, fact) : null);
    const made = element("button", { type: "button", role, tabindex: "-1", "data-kind": kind, onclick: chosen }, drawing ? icon(drawing) : null, words);
    if (checked !== undefined) made.setAttribute("aria-checked", String(checked));
    if (checked) made.append(icon("check", 16));
    return made;
  }

  /** Other entries in the same place: the way into a choice that has choices of its own. */
  exchange(entries, at) {
    this.fill(entries);
    this.place();
    this.root.children[at]?.focus();
  }

  /** Other entries while it is open: whoever stands on one that stays, stands on it still. */
  refill(entries) {
    const at = [...this.root.children].indexOf(document.activeElement);
    const stood = this.root.children[at]?.querySelector(".menu-name").textContent;
    const stays = entries.findIndex(({ name }) => name === stood);
    this.exchange(entries, stays < 0 ? at : stays);
  }

  /**
   * Open at an element, or close when it is open there.
   * @param {HTMLElement} anchor
   * @param {Entry[]} entries
   */
  toggleAt(anchor, entries) {
    const closes = this.closedAt === anchor; // the press that closed it is the first half of this click
    this.closedAt = null;
    if (closes) return;
    this.anchor = anchor;
    this.fill(entries);
    this.root.showPopover();
  }

  /** To be told of a press on an anchor, before the click. */
  pressedAt(anchor) {
    this.closedAt = this.isOpen && this.anchor === anchor ? anchor : null;
  }

  toggled(open, turned) {
    this.anchor?.setAttribute("aria-expanded", String(open));
    if (!open && this.root.contains(document.activeElement)) this.anchor?.focus();
    turned(open);
  }

  close() {
    if (this.isOpen) this.root.hidePopover();
  }

  /** Beside its anchor, on the side where there is room. */
  place() {
    const box = this.anchor.getBoundingClientRect();
    const up = box.top > window.innerHeight / 2;
    const width = document.documentElement.clientWidth;
    const beyond = box.left + WIDEST_PX > width;
    const right = beyond && box.right >= WIDEST_PX;
    const left = Math.max(2 * GAP_PX, Math.min(box.left, width - WIDEST_PX - 2 * GAP_PX));
    Object.assign(this.root.style, {
      top: up ? "auto" : `${box.bottom + GAP_PX}px`,
      bottom: up ? `${window.innerHeight - box.top + GAP_PX}px` : "auto",
      left: right ? "auto" : `${left}px`,
      right: right ? `${Math.max(GAP_PX, width - box.right)}px` : "auto",
      maxHeight: `${Math.round((up ? box.top : window.innerHeight - box.bottom) - 3 * GAP_PX)}px`,
    });
  }

  pressed(event) {
    const items = [...this.root.children];
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
    event.stopPropagation();
  }
}
