/** The form in which somebody writes a prompt, or changes one. */

import { buttons, Dialog } from "./dialog.js";
import { element, setText } from "./elements.js";

const LONGEST_NAME = 80;
const LONGEST_TEXT = 20000;

export class PromptForm {
  /**
   * @param {import("./words.js").Say} say
   * @param {{id?: string, name: string, text: string, shared: boolean}} prompt
   * @param {(prompt: object) => void} save told what to keep; `saved` or `refused` follows
   */
  constructor(say, prompt, save) {
    this.say = say;
    this.save = save;
    this.prompt = prompt;
    this.dialog = new Dialog(say, say(prompt.id ? "prompt_change" : "prompt_new"), { wide: true });
    this.name = element("input", { type: "text", class: "field", maxlength: LONGEST_NAME, required: true, autofocus: true, autocomplete: "off" });
    this.text = element("textarea", { class: "field prompt-field", rows: 8, maxlength: LONGEST_TEXT, required: true, "aria-describedby": "prompt-hint" });
    this.shared = element("input", { type: "checkbox" });
    this.problem = element("p", { class: "form-problem", role: "alert" });
    Object.assign(this.name, { value: prompt.name });
    Object.assign(this.text, { value: prompt.text });
    this.shared.checked = prompt.shared;
    this.dialog.show(this.form());
  }

  form() {
    const { say } = this;
    const places = { one: `{{${say("prompt_example")}}}`, other: `{{${say("prompt_example_begun")}}}` };
    return element(
      "form",
      { class: "dialog-form", onsubmit: (event) => this.submitted(event) },
      element("label", { class: "manner-field" }, element("span", {}, say("prompt_name")), this.name),
      element("label", { class: "manner-field" }, element("span", {}, say("prompt_text")), this.text),
      element("p", { class: "manner-note", id: "prompt-hint" }, say("prompt_text_hint", places)),
      element("label", { class: "check-line" }, this.shared, element("span", {}, say("prompt_share"))),
      this.problem,
      buttons(say, this.dialog, say("save")),
    );
  }

  submitted(event) {
    event.preventDefault();
    setText(this.problem, "");
    this.save({ prompt: this.prompt.id ?? null, name: this.name.value, text: this.text.value, shared: this.shared.checked });
  }

  saved() {
    this.dialog.close();
  }

  /** @param {string} sentence why it was not kept */
  refused(sentence) {
    setText(this.problem, sentence);
  }
}
