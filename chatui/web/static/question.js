/** What a person asked: plain text on a soft ground, folded when it is very long. */

import { copyText } from "./clipboard.js";
import { element, setText } from "./elements.js";
import { iconButton } from "./icons.js";

const LONG_CHARACTERS = 1800;
const LONG_LINES = 24;

export class Question {
  /**
   * @param {object} message
   * @param {import("./words.js").Say} say
   */
  constructor(message, say) {
    this.say = say;
    this.text = element("div", { class: "asked-text" });
    this.fold = element("button", { type: "button", class: "text-button fold", hidden: true, onclick: () => this.turn() });
    this.root = element(
      "article",
      { "data-id": message.id, "data-role": "user" },
      element("h2", { class: "unseen" }, say("asked")),
      element("div", { class: "bubble" }, this.text, this.fold),
      element("div", { class: "actions" }, this.copyButton()),
    );
    this.update(message);
  }

  update(message) {
    this.message = message;
    this.root.dataset.state = message.state;
    setText(this.text, message.text);
    const long = message.text.length > LONG_CHARACTERS || message.text.split("\n", LONG_LINES + 1).length > LONG_LINES;
    this.fold.hidden = !long;
    if (long && !this.fold.hasAttribute("aria-expanded")) this.set("false");
  }

  turn() {
    this.set(this.fold.getAttribute("aria-expanded") === "true" ? "false" : "true");
  }

  set(expanded) {
    this.fold.setAttribute("aria-expanded", expanded);
    setText(this.fold, this.say(expanded === "true" ? "show_less" : "show_all"));
  }

  copyButton() {
    const names = { copy: this.say("copy"), copied: this.say("copied") };
    const button = iconButton({ icon: "copy", name: names.copy, size: 16, class: "copy" });
    button.addEventListener("click", () => copyText(this.message.text, button, names));
    return button;
  }
}
