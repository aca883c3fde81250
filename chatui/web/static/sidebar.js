/** The conversations: a column on wide screens, a drawer on narrow ones. */

import { addressOf } from "./address.js";
import { element, setText } from "./elements.js";
import { icon, iconButton } from "./icons.js";

/** As in the style sheet. */
const NARROW = "(max-width: 768px)";

export class Sidebar {
  /**
   * @param {HTMLElement} place the column of the page
   * @param {import("./words.js").Say} say
   * @param {{open: (id: string) => void, newChat: () => void, shortcut: string}} actions
   */
  constructor(place, say, actions) {
    this.place = place;
    this.say = say;
    this.actions = actions;
    this.current = null;
    this.drawn = "";
    /** @type {Map<string, HTMLAnchorElement>} */
    this.links = new Map();
    this.narrow = window.matchMedia(NARROW);
    this.build();
    this.narrow.addEventListener("change", () => this.close());
    this.close();
  }

  build() {
    const name = this.say("new_chat");
    const shortcut = element("kbd", { "aria-hidden": "true" }, this.actions.shortcut);
    const start = { type: "button", class: "new-chat", "aria-label": name, title: `${name} (${this.actions.shortcut})`, onclick: () => this.actions.newChat() };
    this.list = element("nav", { id: "conversations", "aria-label": this.say("conversations") });
    this.person = element("a", { class: "person", href: "/account", title: this.say("account") });
    this.admin = element("a", { class: "person", href: "/admin/people", hidden: true }, this.say("admin"));
    this.root = element(
      "div",
      { class: "drawer" },
      element("header", { class: "brand" }, icon("samovar", 24), element("span", {}, this.say("app")), this.closeButton()),
      element("button", start, icon("compose"), element("span", {}, name), shortcut),
      this.list,
      element("div", { class: "people" }, this.person, this.admin),
    );
    this.veil = element("div", { class: "veil", onclick: () => this.close() });
    this.place.append(this.root, this.veil);
  }

  closeButton() {
    return iconButton({ icon: "close", name: this.say("close_list"), shortcut: "Esc", class: "close-drawer", onclick: () => this.close() });
  }

  /** @param {{name: string, role: string}} person at this page */
  greet({ name, role }) {
    setText(this.person, name);
    this.admin.hidden = role !== "admin";
  }

  /** @param {{id: string, title: string, group: string, state: string | null}[]} items newest first */
  show(items) {
    const drawing = JSON.stringify(items);
    if (drawing === this.drawn) return;
    this.drawn = drawing;
    const focused = document.activeElement?.closest?.("#conversations a")?.dataset.id;
    this.list.replaceChildren(...(items.length ? this.groups(items) : [element("p", { class: "none" }, this.say("no_conversations"))]));
    this.forget(items);
    this.mark(this.current);
    if (focused) this.links.get(focused)?.focus({ preventScroll: true });
  }

  groups(items) {
    const groups = new Map();
    for (const item of items) groups.set(item.group, [...(groups.get(item.group) ?? []), item]);
    return [...groups].map(([name, members]) =>
      element(
        "section",
        { "aria-label": name },
        element("h2", { "aria-hidden": "true" }, name),
        element("ul", {}, ...members.map((item) => element("li", {}, this.link(item)))),
      ),
    );
  }

  /** A link is made once per conversation, so that hover and focus survive the list's changes. */
  link(item) {
    const link = this.links.get(item.id) ?? this.newLink(item.id);
    const [title, dot, words] = link.children;
    setText(title, item.title);
    link.title = item.title;
    link.dataset.state = item.state ?? "";
    dot.hidden = !item.state;
    setText(words, item.state ? this.say(`list_${item.state}`) : "");
    return link;
  }

  newLink(id) {
    const parts = [element("span", { class: "title" }), element("span", { class: "dot", "aria-hidden": "true" }), element("span", { class: "unseen" })];
    const link = element("a", { href: addressOf(id), "data-id": id, onclick: (event) => this.clicked(event, id) }, ...parts);
    this.links.set(id, link);
    return link;
  }

  clicked(event, id) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    this.actions.open(id);
  }

  forget(items) {
    const there = new Set(items.map((item) => item.id));
    for (const id of this.links.keys()) if (!there.has(id)) this.links.delete(id);
  }

  /** @param {string | null} current the conversation that is shown */
  mark(current) {
    this.current = current;
    for (const [id, link] of this.links) {
      if (id === current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  get isOpen() {
    return this.place.dataset.drawer === "open";
  }

  /** Pull the drawer out; the page behind it takes no keys meanwhile. */
  open() {
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
