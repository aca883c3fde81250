/** What a person asked: plain text on a soft ground, folded when it is very long, changed in its place. */

import { askedFiles } from "./asked_files.js";
import { copyText } from "./clipboard.js";
import { element, setText } from "./elements.js";
import { iconButton } from "./icons.js";
import { RewriteBox } from "./rewrite.js";
import { switcher } from "./switcher.js";

const LONG_CHARACTERS = 1800;
const LONG_LINES = 24;

export class Question {
  /**
   * @param {object} message
   * @param {import("./words.js").Say} say
   * @param {{rewrite: (id: string, text: string) => string, branch: (id: string) => void}} actions `rewrite` tells the key
   *   that the ask went out under
   */
  constructor(message, say, actions) {
    this.say = say;
    this.actions = actions;
    this.rewriting = null;
    this.text = element("div", { class: "asked-text" });
    this.fold = element("button", { type: "button", class: "text-button fold", hidden: true, onclick: () => this.turn() });
    this.files = element("div", { class: "asked-files" });
    this.bubble = element("div", { class: "bubble" }, this.text, this.fold);
    this.buttons = element("div", { class: "actions" });
    this.root = element(
      "article",
      { "data-id": message.id, "data-role": "user" },
      element("h2", { class: "unseen" }, say("asked")),
      this.files,
      this.bubble,
      this.buttons,
    );
    this.update(message);
  }

  update(message) {
    const files = message.files ?? this.message?.files ?? [];
    if (files.length !== this.files.childElementCount) this.files.replaceChildren(...askedFiles(files, this.say));
    this.message = { ...message, files, branches: message.branches ?? this.message?.branches ?? [] };
    this.root.dataset.state = message.state;
    setText(this.text, message.text);
    this.bubble.hidden = !message.text && files.length > 0;
    const long = message.text.length > LONG_CHARACTERS || message.text.split("\n", LONG_LINES + 1).length > LONG_LINES;
    this.fold.hidden = !long;
    if (long && !this.fold.hasAttribute("aria-expanded")) this.set("false");
    this.drawButtons();
  }

  turn() {
    this.set(this.fold.getAttribute("aria-expanded") === "true" ? "false" : "true");
  }

  set(expanded) {
    this.fold.setAttribute("aria-expanded", expanded);
    setText(this.fold, this.say(expanded === "true" ? "show_less" : "show_all"));
  }

  drawButtons() {
    const names = { copy: this.say("copy"), copied: this.say("copied") };
    const copy = iconButton({ icon: "copy", name: names.copy, size: 16, class: "copy" });
    copy.addEventListener("click", () => copyText(this.message.text, copy, names));
    const edit = iconButton({ icon: "edit", name: this.say("rewrite"), size: 16, class: "rewrite", onclick: () => this.rewrite() });
    const several = this.message.branches.length > 1;
    this.buttons.replaceChildren(...(this.message.text ? [copy] : []), ...(this.message.read_only ? [] : [edit]), ...(several ? [switcher(this.say, this.message, this.actions.branch)] : []));
    this.buttons.toggleAttribute("data-several", several);
  }

  /** The text becomes a box in its place; what is sent from it begins a branch beside this question. */
  rewrite() {
    if (this.rewriting) return;
    this.rewriting = new RewriteBox(this.message, this.say, {
      send: (text) => this.actions.rewrite(this.message.id, text),
      closed: () => {
        this.rewriting = null;
        this.root.removeAttribute("data-rewriting");
        this.root.querySelector(".rewrite")?.focus({ preventScroll: true });
      },
    });
    this.root.toggleAttribute("data-rewriting", true);
    this.bubble.after(this.rewriting.root);
    this.rewriting.begin();
  }
}
