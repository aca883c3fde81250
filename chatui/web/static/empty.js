/** Nothing asked yet: who will answer, and three ways to begin. */

import { element, setText } from "./elements.js";
import { icon } from "./icons.js";
import { legible } from "./placeholders.js";

const STARTERS = 3;

export class Empty {
  /**
   * @param {import("./words.js").Say} say
   * @param {(text: string) => void} begin puts a starter into the box
   */
  constructor(say, begin) {
    this.say = say;
    this.model = element("p", { class: "empty-model" });
    this.source = element("p", { class: "empty-source" });
    this.heading = element("h2", {}, say("empty_heading"));
    this.begin = begin;
    /** Puts a prompt of the library into the box; the library fills it in. */
    this.useStarter = () => {};
    this.starters = element("div", { class: "starters" });
    this.offer([]);
    this.root = element(
      "section",
      { class: "empty", "aria-label": say("new_chat"), hidden: true },
      element("div", { class: "mark" }, icon("samovar", 40)),
      this.heading,
      this.model,
      this.starters,
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

  /** @param {{name: string, text: string, own: boolean}[]} prompts of the library: the team's first, then one's own, then ours */
  offer(prompts) {
    const chosen = [...prompts.filter(({ shared }) => shared), ...prompts.filter(({ shared }) => !shared)].slice(0, STARTERS);
    const ours = Array.from({ length: STARTERS - chosen.length }, (_, index) => index + 1);
    this.starters.replaceChildren(
      ...chosen.map((prompt) => this.starter(prompt.name, legible(prompt.text), () => this.useStarter(prompt))),
      ...ours.map((number) => this.starter(this.say(`starter_${number}_title`), this.say(`starter_${number}_text`), (text) => this.begin(text))),
    );
  }

  starter(name, text, begin) {
    const title = element("span", { class: "starter-title" }, name);
    return element("button", { type: "button", class: "starter", onclick: () => begin(text) }, title, element("span", { class: "starter-text" }, text));
  }
}
