/** The column of the conversations on wide screens, a drawer on narrow ones. */

import { element, setText } from "./elements.js";
import { icon, iconButton } from "./icons.js";
import { List } from "./list.js";
import { listHidden } from "./memory.js";
import { Menu } from "./menu.js";
import { Search } from "./search.js";

/** As in the style sheet. */
const NARROW = "(max-width: 768px)";

export class Sidebar {
  /**
   * @param {HTMLElement} place the column of the page
   * @param {import("./words.js").Say} say
   * @param {{newChat: () => void, newPassing: () => void, shortcuts: Object<string, string>, list: object}} actions `list` is for its entries
   */
  constructor(place, say, actions) {
    this.place = place;
    this.say = say;
    this.actions = actions;
    this.list = new List(say, actions.list);
    this.search = new Search(say, {
      find: (number, text, before) => actions.list.find(number, text, before),
      openAt: (hit) => actions.list.openAt(hit),
      searching: (is) => (this.list.root.hidden = is),
      shortcut: actions.shortcuts.search,
    });
    this.narrow = window.matchMedia(NARROW);
    this.build();
    this.narrow.addEventListener("change", () => this.close());
    this.fold(listHidden.get() !== null);
    this.close();
  }

  build() {
    const name = this.say("new_chat");
    const keys = this.actions.shortcuts.newChat;
    const shortcut = element("kbd", { "aria-hidden": "true" }, keys);
    const start = { type: "button", class: "new-chat", "aria-label": name, title: `${name} (${keys})`, onclick: () => this.actions.newChat() };
    this.person = element("a", { class: "person", href: "/account", title: this.say("account") });
    this.admin = element("a", { class: "person", href: "/admin", hidden: true }, this.say("admin"));
    this.menu = new Menu(this.say("person_menu"), { icon: "settings", entries: () => this.actions.list.personEntries() });
    this.root = element(
      "div",
      { class: "drawer" },
      element("header", { class: "brand" }, icon("samovar", 24), element("span", {}, this.say("app")), this.closeButton()),
      element("button", start, icon("compose"), element("span", {}, name), shortcut),
      this.passingButton(),
      this.search.box,
      this.search.results,
      this.list.root,
      element("div", { class: "people" }, this.person, this.admin, this.menu.root),
    );
    this.veil = element("div", { class: "veil", onclick: () => this.close() });
    // The menu outside the drawer, whose own frame of reference moves.
    this.place.append(this.root, this.veil, this.list.menu.root);
  }

  passingButton() {
    const start = { type: "button", class: "new-chat", onclick: () => this.actions.newPassing() };
    return element("button", start, icon("passing"), element("span", {}, this.say("temporary_chat")));
  }

  closeButton() {
    return iconButton({ icon: "panel", name: this.say("close_list"), shortcut: this.actions.shortcuts.list, class: "close-drawer", onclick: () => this.toggle() });
  }

  /** @param {{name: string, role: string}} person at this page */
  greet({ name, role }) {
    this.role = role;
    setText(this.person, name);
    this.admin.hidden = role !== "admin";
  }

  /** @param {string | null} current the conversation that is shown */
  mark(current) {
    this.list.mark(current);
  }

  /** To the field that searches, out of the drawer where it is in one. */
  seek() {
    if (this.narrow.matches ? !this.isOpen : this.isFolded) this.open();
    this.search.focus();
  }

  get isOpen() {
    return this.place.dataset.drawer === "open";
  }

  /** On wide screens, whether the column is away. */
  get isFolded() {
    return this.place.dataset.folded === "true";
  }

  /** Show what is hidden, and hide what is shown. */
  toggle() {
    if (!this.narrow.matches) this.fold(!this.isFolded);
    else if (this.isOpen) this.close();
    else this.open();
  }

  /** @param {boolean} away whether the column gives its place to the page, here and the next time */
  fold(away) {
    this.place.dataset.folded = String(away);
    listHidden.set(away ? "hidden" : null);
  }

  /** Pull the drawer out; the page behind it takes no keys meanwhile. On wide screens, bring the column back. */
  open() {
    if (!this.narrow.matches) return this.fold(false);
    this.before = document.activeElement;
    this.place.dataset.drawer = "open";
    this.root.inert = false;
    this.root.querySelector(".close-drawer").focus();
  }

  close() {
    const wasOpen = this.isOpen;
    this.place.dataset.drawer = "closed";
    this.root.inert = this.narrow.matches;
    if (wasOpen) this.before?.focus?.();
  }
}
