/** The bar over the transcript: which conversation this is and which model answers. */

import { element, setText } from "./elements.js";
import { iconButton } from "./icons.js";

export class Topbar {
  /**
   * @param {import("./words.js").Say} say
   * @param {{openList: () => void, newChat: () => void, shortcut: string}} actions
   * @param {HTMLElement} picker
   */
  constructor(say, actions, picker) {
    this.say = say;
    this.title = element("h1");
    this.name = say("app");
    this.news = 0;
    const list = iconButton({ icon: "menu", name: say("open_list"), class: "narrow-only", onclick: actions.openList });
    const start = iconButton({ icon: "compose", name: say("new_chat"), shortcut: actions.shortcut, class: "narrow-only", onclick: actions.newChat });
    this.root = element("header", { class: "topbar" }, list, this.title, picker, start);
  }

  /** @param {string | null} title of the conversation, null for a new one */
  show(title) {
    setText(this.title, title ?? "");
    this.title.title = title ?? "";
    this.name = title ? `${title} · ${this.say("app")}` : this.say("app");
    this.mark(this.news);
  }

  /** @param {number} news answers that nobody has seen, told in the tab's title */
  mark(news) {
    this.news = news;
    document.title = news ? `(${news}) ${this.name}` : this.name;
  }
}
