/** The conversations in their order: what is pinned, the folders, then the rest by its day; or the archive. */

import { Aim } from "./aim.js";
import { element } from "./elements.js";
import { icon, iconButton } from "./icons.js";
import { folded } from "./memory.js";
import { Popup } from "./popup.js";
import { Row } from "./row.js";

export class List {
  /**
   * @param {import("./words.js").Say} say
   * @param {object} actions of the page: `open`, `rename`, `more`, `view`, and `entries` and `folderEntries` for menus
   */
  constructor(say, actions) {
    this.say = say;
    this.actions = actions;
    this.current = null;
    this.drawn = "";
    /** What came while it had to stay as it is. */
    this.late = null;
    /** Whether more of it, or another view, was asked for here: that comes at once, wherever the pointer goes. */
    this.asked = false;
    this.shown = { view: "desk", items: [], folders: [], more: false, archived: 0 };
    /** @type {Map<string, Row>} made once per conversation, so that hover and focus survive the list's changes */
    this.rows = new Map();
    this.menu = new Popup(say("row_menu_short"));
    this.root = element("nav", { id: "conversations", "aria-label": say("conversations") });
    this.aim = new Aim(this.root, () => this.catchUp());
  }

  /** @param {{view: string, items: object[], folders: object[], more: boolean, archived: number}} frame */
  show(frame) {
    const drawing = JSON.stringify(frame);
    this.late = this.stays ? frame : null;
    if (this.late && this.aim.taken) this.aim.await();
    if (this.late || drawing === this.drawn) return;
    this.drawn = drawing;
    this.asked = false;
    this.shown = frame;
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
    this.root.replaceChildren(...(frame.view === "desk" ? this.desk() : this.aside(frame.view)));
    this.forget();
    this.mark(this.current);
    if (focused?.isConnected) focused.focus({ preventScroll: true });
  }

  /** Whether nothing may move: a field that is moved loses its focus, and a title that is typed would end there. */
  get stays() {
    return this.aim.pressed || (this.aim.taken && !this.asked) || this.root.querySelector(".row-field") !== null;
  }

  catchUp() {
    if (this.late) this.show(this.late);
  }

  /** What an entry is now. */
  item(id) {
    return this.shown.items.find((item) => item.id === id) ?? null;
  }

  desk() {
    const { items, folders, more, archived, shared } = this.shown;
    const pinned = items.filter((item) => item.pinned);
    const loose = items.filter((item) => !item.pinned && !item.folder);
    return [
      ...(pinned.length ? [this.section(this.say("pinned"), pinned)] : []),
      ...folders.map((folder) => this.folder(folder, items.filter((item) => !item.pinned && item.folder === folder.id))),
      ...this.days(loose),
      ...(items.length ? [] : [element("p", { class: "none" }, this.say("no_conversations"))]),
      ...(more ? [this.moreButton()] : []),
      ...(archived ? [this.button("archive", "archive", this.say("archive_open", { count: archived }))] : []),
      ...(shared ? [this.button("shared", "people", this.say("shared_open", { count: shared }))] : []),
    ];
  }

  /** @param {"archive" | "shared"} view in the place of the desk */
  aside(view) {
    const { items, more } = this.shown;
    return [
      this.button("desk", "back", this.say(view === "archive" ? "archive_close" : "shared_close")),
      ...(items.length ? this.days(items) : [element("p", { class: "none" }, this.say(view === "archive" ? "archive_empty" : "shared_empty"))]),
      ...(more ? [this.moreButton()] : []),
    ];
  }

  days(items) {
    const days = new Map();
    for (const item of items) days.set(item.group, [...(days.get(item.group) ?? []), item]);
    return [...days].map(([name, members]) => this.section(name, members));
  }

  section(name, items) {
    return element("section", { "aria-label": name }, element("h2", { "aria-hidden": "true" }, name), this.entries(items));
  }

  folder({ id, name }, items) {
    const menu = iconButton({ icon: "more", name: this.say("folder_menu", { name }), size: 16, class: "row-menu" });
    menu.setAttribute("aria-haspopup", "menu");
    menu.addEventListener("pointerdown", () => this.menu.pressedAt(menu));
    menu.addEventListener("click", (event) => {
      event.preventDefault(); // the summary must not fold
      this.menu.toggleAt(menu, this.actions.folderEntries({ id, name }));
    });
    const made = element(
      "details",
      { class: "folder", open: !folded.has(id) },
      element("summary", {}, icon("choose", 16), icon("folder", 16), element("span", { class: "title" }, name), menu),
      items.length ? this.entries(items) : element("p", { class: "none" }, this.say("folder_empty")),
    );
    made.addEventListener("toggle", () => folded.set(id, !made.open));
    return made;
  }

  entries(items) {
    return element("ul", {}, ...items.map((item) => this.row(item).root));
  }

  row(item) {
    const row = this.rows.get(item.id) ?? this.newRow(item.id);
    row.update(item);
    return row;
  }

  newRow(id) {
    const row = new Row(id, this.say, {
      open: (opened) => this.actions.open(opened),
      rename: (renamed, title) => this.actions.rename(renamed, title),
      typed: () => this.catchUp(),
      offer: (offering) => this.menu.toggleAt(offering.button, this.actions.entries(offering.item, () => offering.edit())),
      pressed: (anchor) => this.menu.pressedAt(anchor),
    });
    this.rows.set(id, row);
    return row;
  }

  moreButton() {
    return element("button", { type: "button", class: "list-button", onclick: () => this.ask(() => this.actions.more()) }, this.say("list_more"));
  }

  /** To another view of the list. */
  button(view, drawing, words) {
    return element("button", { type: "button", class: "list-button", onclick: () => this.ask(() => this.actions.view(view)) }, icon(drawing, 16), element("span", {}, words));
  }

  ask(act) {
    this.asked = true;
    act();
  }

  forget() {
    const there = new Set(this.shown.items.map((item) => item.id));
    for (const id of this.rows.keys()) if (!there.has(id)) this.rows.delete(id);
  }

  /** @param {string | null} current the conversation that is shown */
  mark(current) {
    this.current = current;
    for (const [id, row] of this.rows) row.mark(id === current);
  }
}
