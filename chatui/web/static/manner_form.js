/** The form in which somebody chooses how a conversation is answered. */

import { askLine, buttons, Dialog } from "./dialog.js";
import { element } from "./elements.js";

const FIGURES = [
  { name: "temperature", min: 0, max: 2, step: 0.1 },
  { name: "top_p", min: 0, max: 1, step: 0.05 },
  { name: "max_tokens", min: 1, max: 1000000, step: 1 },
  { name: "seed", min: 0, max: 2147483647, step: 1 },
];
const THINKING = ["", "off", "on", "low", "medium", "high"];
const LONGEST_SYSTEM = 20000;
const MOST_STOPS = 4;

export class MannerForm {
  /**
   * @param {import("./words.js").Say} say
   * @param {object} manner that holds now
   * @param {{apply: (manner: object) => void, save: (name: string, manner: object) => void, remove: (id: string) => void}} actions
   */
  constructor(say, manner, actions) {
    Object.assign(this, { say, actions, presets: [], fields: {} });
    this.dialog = new Dialog(say, say("manner"), { wide: true });
    this.build();
    this.fill(manner);
    this.dialog.show(this.root);
  }

  build() {
    const { say } = this;
    this.fields.system = element("textarea", { class: "field", rows: 5, maxlength: LONGEST_SYSTEM });
    this.fields.stop = element("textarea", { class: "field", rows: 2, placeholder: say("manner_stop_hint") });
    this.fields.think = element("select", { class: "field" }, ...THINKING.map((level) => element("option", { value: level }, this.thinking(level))));
    const figures = FIGURES.map(({ name, ...bounds }) => {
      this.fields[name] = element("input", { type: "number", class: "field", inputmode: "decimal", placeholder: say("manner_default"), ...bounds });
      return this.labelled(name);
    });
    const reset = element("button", { type: "button", class: "text-button plain manner-reset", onclick: () => this.fill({}) }, say("manner_reset"));
    const end = buttons(say, this.dialog, say("manner_apply"));
    end.prepend(reset);
    this.root = element(
      "form",
      { class: "manner", onsubmit: (event) => this.submitted(event) },
      this.presetRow(),
      this.labelled("system"),
      element("div", { class: "manner-figures" }, ...figures, this.labelled("think"), this.labelled("stop")),
      element("p", { class: "manner-note" }, say("manner_note")),
      end,
    );
  }

  presetRow() {
    const { say } = this;
    this.picked = element("select", { class: "field", "aria-label": say("preset"), onchange: () => this.pick() });
    this.save = element("button", { type: "button", class: "text-button", onclick: () => this.saveAs() }, say("preset_save"));
    this.remove = element("button", { type: "button", class: "text-button plain", onclick: () => this.actions.remove(this.picked.value) }, say("preset_delete"));
    return element("div", { class: "manner-presets" }, this.picked, this.save, this.remove);
  }

  labelled(name) {
    return element("label", { class: "manner-field", "data-name": name }, element("span", {}, this.say(`manner_${name}`)), this.fields[name]);
  }

  thinking(level) {
    if (!level) return this.say("manner_default");
    return this.say(`thinking_${level}`);
  }

  /** @param {{id: string, name: string, manner: object}[]} presets that can be picked */
  offer(presets) {
    const before = this.picked.value;
    this.presets = presets;
    const none = element("option", { value: "" }, this.say(presets.length ? "preset_pick" : "preset_none"));
    this.picked.replaceChildren(none, ...presets.map(({ id, name }) => element("option", { value: id }, name)));
    const wanted = presets.find(({ id, name }) => id === before || name === this.saved);
    this.picked.value = wanted?.id ?? "";
    this.saved = null;
    this.remove.hidden = !this.picked.value;
  }

  pick() {
    const preset = this.presets.find(({ id }) => id === this.picked.value);
    if (preset) this.fill(preset.manner);
    this.remove.hidden = !preset;
  }

  async saveAs() {
    if (!this.root.reportValidity()) return;
    const value = this.presets.find(({ id }) => id === this.picked.value)?.name ?? "";
    const name = await askLine(this.say, { title: this.say("preset_save"), label: this.say("preset_name"), value, action: this.say("save") });
    if (!name) return;
    this.saved = name;
    this.actions.save(name, this.manner);
  }

  fill(manner) {
    for (const [name, field] of Object.entries(this.fields)) field.value = name === "stop" ? (manner.stop ?? []).join("\n") : (manner[name] ?? "");
  }

  /** What the form says: only what was chosen. */
  get manner() {
    const chosen = { system: this.fields.system.value.trim(), think: this.fields.think.value };
    for (const { name } of FIGURES) chosen[name] = this.fields[name].value === "" ? "" : Number(this.fields[name].value);
    const stop = this.fields.stop.value.split("\n").filter(Boolean).slice(0, MOST_STOPS);
    return Object.fromEntries(Object.entries({ ...chosen, ...(stop.length ? { stop } : {}) }).filter(([, value]) => value !== ""));
  }

  submitted(event) {
    event.preventDefault();
    this.dialog.close();
    this.actions.apply(this.manner);
  }
}
