/** The waiting line: says where an answer is, changes in place, and becomes the answer's footer. */

import { copyText } from "./clipboard.js";
import { element, setText } from "./elements.js";
import { icon, iconButton } from "./icons.js";

const SPOKEN = new Set(["queued", "retry"]);

export class Line {
  /**
   * @param {import("./words.js").Say} say
   * @param {{again: () => void, text: () => string, announce: (sentence: string) => void}} actions
   */
  constructor(say, actions) {
    this.say = say;
    this.actions = actions;
    this.dot = element("span", { class: "dot", "aria-hidden": "true" });
    this.text = element("span", { class: "line-text" });
    this.buttons = element("span", { class: "actions" });
    this.root = element("footer", { class: "line" }, this.dot, this.text, this.buttons);
  }

  /** @param {{stage: string, text: string} | null} line null: nothing is known yet */
  wait(line) {
    const stage = line?.stage ?? "queued";
    const text = line?.text || this.say("waiting");
    // Running figures are for the eye; a new stage, or a new place in the line, is news.
    if (this.root.dataset.stage !== stage || SPOKEN.has(stage)) this.actions.announce(text);
    if (this.root.dataset.stage !== stage) this.root.dataset.stage = stage;
    setText(this.text, text);
    if (this.buttons.hasChildNodes()) this.buttons.replaceChildren();
  }

  /**
   * The answer is over, one way or another.
   * @param {{state: string, facts: string, notice: string | null, again: boolean, text: string}} message
   */
  finish({ state, facts, notice, again, text }) {
    const waited = "stage" in this.root.dataset;
    delete this.root.dataset.stage;
    // A stopped answer may have no notice: without a word it would look whole.
    const ending = state === "complete" || notice ? "" : this.say(`ended_${state}`);
    setText(this.text, [ending, facts].filter(Boolean).join(" · "));
    this.buttons.replaceChildren(...(text ? [this.copyButton()] : []), ...(again ? [this.againButton(state)] : []));
    if (waited) this.actions.announce(this.say(`state_${state}`));
  }

  copyButton() {
    const names = { copy: this.say("copy"), copied: this.say("copied") };
    const button = iconButton({ icon: "copy", name: names.copy, size: 16, class: "copy" });
    button.addEventListener("click", () => copyText(this.actions.text(), button, names));
    return button;
  }

  /** What failed asks for a button one can see; a whole answer only offers it. */
  againButton(state) {
    const name = this.say("again");
    if (state === "complete") return iconButton({ icon: "again", name, size: 16, class: "again", onclick: this.actions.again });
    return element("button", { type: "button", class: "text-button again", onclick: this.actions.again }, icon("again", 16), name);
  }
}
