/** The sheet of the keyboard's shortcuts, drawn from the table that binds them. */

import { Dialog } from "./dialog.js";
import { element } from "./elements.js";
import { GROUPS, written } from "./key_table.js";

export class HelpSheet {
  /** @type {HelpSheet | null} the last one */
  static last = null;

  /** @param {import("./words.js").Say} say */
  constructor(say) {
    this.say = say;
    this.dialog = new Dialog(say, say("help"), { wide: true });
    this.dialog.show(element("div", { class: "keys" }, ...GROUPS.map((group) => this.group(group))));
    HelpSheet.last = this;
  }

  /** Whether it is there: the browser tells of its end only a while later. */
  get open() {
    return this.dialog.root.open;
  }

  close() {
    this.dialog.close();
  }

  group({ word, keys }) {
    const rows = new Map();
    for (const shortcut of keys) rows.set(shortcut.word, [...(rows.get(shortcut.word) ?? []), shortcut]);
    const name = this.say(word);
    return element("section", { "aria-label": name }, element("h3", { "aria-hidden": "true" }, name), element("dl", {}, ...[...rows].flatMap((row) => this.row(...row))));
  }

  row(word, shortcuts) {
    const ways = shortcuts.map((shortcut) => element("span", { class: "keys-way" }, ...written(shortcut).map((name) => element("kbd", {}, name))));
    return [element("dt", {}, this.say(word)), element("dd", {}, ...ways)];
  }
}
