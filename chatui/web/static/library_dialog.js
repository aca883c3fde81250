/** The library as it is looked through: the person's own prompts and the team's, to use, to change, to delete. */

import { Dialog } from "./dialog.js";
import { element, setText } from "./elements.js";
import { icon, iconButton } from "./icons.js";

/** From so many on there is a field to find one. */
const MANY = 7;

export class LibraryDialog {
  /**
   * @param {import("./words.js").Say} say
   * @param {{use: (prompt: object) => void, edit: (prompt: object | null) => void, remove: (prompt: object) => void, undo: (id: string) => void}} actions
   */
  constructor(say, actions) {
    Object.assign(this, { say, actions, prompts: [] });
    this.dialog = new Dialog(say, say("prompts"), { wide: true });
    this.find = element("input", { type: "search", class: "field", "aria-label": say("prompts_search"), placeholder: say("prompts_search"), autocomplete: "off", hidden: true, oninput: () => this.draw() });
    const add = element("button", { type: "button", class: "text-button prompt-new", onclick: () => actions.edit(null) }, icon("add", 16), say("prompt_new"));
    this.news = element("p", { class: "prompt-news", role: "status" });
    this.list = element("div", { class: "prompt-lists" });
    this.hint = element("p", { class: "manner-note" }, say("prompts_hint"));
    this.dialog.show(element("div", { class: "library" }, element("div", { class: "library-head" }, this.hint, this.find, add), this.news, this.list));
  }

  get isOpen() {
    return this.dialog.root.isConnected;
  }

  close() {
    this.dialog.close();
  }

  /** @param {object[]} prompts */
  show(prompts) {
    this.prompts = prompts;
    this.find.hidden = prompts.length < MANY;
    this.hint.hidden = !this.find.hidden;
    this.draw();
  }

  draw() {
    const wanted = this.find.hidden ? "" : this.find.value.trim().toLowerCase();
    const found = this.prompts.filter(({ name, text }) => !wanted || `${name}\n${text}`.toLowerCase().includes(wanted));
    const sections = [["prompts_own", found.filter(({ own }) => own)], ["prompts_team", found.filter(({ own }) => !own)]];
    const drawn = sections.filter(([, prompts]) => prompts.length).map(([key, prompts]) => this.section(key, prompts));
    const none = wanted ? this.say("prompts_search_none", { text: this.find.value.trim() }) : this.say("prompts_none");
    this.list.replaceChildren(...(drawn.length ? drawn : [element("p", { class: "prompts-none" }, none)]));
  }

  section(key, prompts) {
    const name = this.say(key);
    return element("section", { "aria-label": name }, element("h3", { "aria-hidden": "true" }, name), element("ul", {}, ...prompts.map((prompt) => this.row(prompt))));
  }

  row(prompt) {
    const { name, text, change } = prompt;
    const use = element(
      "button",
      { type: "button", class: "prompt-use", "aria-label": this.say("prompt_use", { name }), onclick: () => this.actions.use(prompt) },
      element("span", { class: "prompt-name" }, name, this.fact(prompt)),
      element("span", { class: "prompt-text" }, text),
    );
    const edit = () => iconButton({ icon: "edit", name: this.say("prompt_edit", { name }), size: 16, onclick: () => this.actions.edit(prompt) });
    const remove = () => iconButton({ icon: "trash", name: this.say("prompt_delete", { name }), size: 16, onclick: () => this.actions.remove(prompt) });
    return element("li", { class: "prompt-row" }, use, ...(change ? [edit(), remove()] : []));
  }

  /** Who it is from; of one's own whether the team sees it. */
  fact({ own, shared, author }) {
    if (own) return shared ? element("span", { class: "prompt-fact" }, this.say("prompts_team")) : null;
    return author ? element("span", { class: "prompt-fact" }, this.say("prompt_by", { author })) : null;
  }

  /** A prompt is gone, and can come back for a while. */
  deleted({ prompt, name }) {
    const undo = () => {
      setText(this.news, "");
      this.actions.undo(prompt);
    };
    this.news.replaceChildren(this.say("prompt_deleted", { name }), element("button", { type: "button", class: "text-button", onclick: undo }, this.say("undo")));
  }
}
