/** Nothing asked yet: who will answer, and three ways to begin. */

import { element, setText } from "./elements.js";
import { icon } from "./icons.js";

export class Empty {
  /**
   * @param {import("./words.js").Say} say
   * @param {(text: string) => void} begin puts a starter into the box
   */
  constructor(say, begin) {
    this.say = say;
    this.model = element("p", { class: "empty-model" });
    this.source = element("p", { class: "empty-source" });
    const starters = [1, 2, 3].map((number) => this.starter(number, begin));
    this.root = element(
      "section",
      { class: "empty", "aria-label": say("new_chat"), hidden: true },
      element("div", { class: "mark" }, icon("samovar", 40)),
      element("h2", {}, say("empty_heading")),
      this.model,
      element("div", { class: "starters" }, ...starters),
      this.source,
    );
  }

  /**
   * @param {{name: string, loaded: boolean, facts: string} | null} model that would answer now
   * @param {string} source where models come from, as the server says it
   */
  show(model, source) {
    this.model.dataset.loaded = String(Boolean(model?.loaded));
    const key = model === null ? "empty_no_model" : model.loaded ? "empty_loaded" : "empty_unloaded";
    this.model.replaceChildren(element("span", { class: "dot", "aria-hidden": "true" }), this.say(key, { model: model?.name ?? "" }));
    setText(this.source, source);
  }

  starter(number, begin) {
    const text = this.say(`starter_${number}_text`);
    const title = element("span", { class: "starter-title" }, this.say(`starter_${number}_title`));
    return element("button", { type: "button", class: "starter", onclick: () => begin(text) }, title, element("span", { class: "starter-text" }, text));
  }
}
