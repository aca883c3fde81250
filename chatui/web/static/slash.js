/** The menu behind a slash at the start of a line: prompts to put there, and commands of the page. */

import { element, setText } from "./elements.js";
import { icon } from "./icons.js";
import { legible } from "./placeholders.js";

/** What the key of the slash types, also while Chinese is written. */
const SLASHES = ["/", "、"];
/** A line that begins with a slash and goes on so long is text. */
const LONGEST = 60;

/** @type {[string, string, string][]} the word behind the slash, what it is called, the method of `Commands` */
const COMMANDS = [
  ["new", "new_chat", "newChat"],
  ["temporary", "temporary_chat", "newPassing"],
  ["model", "slash_model", "chooseModel"],
  ["search", "search", "search"],
  ["export", "slash_export", "export"],
  ["import", "import", "import"],
  ["prompts", "slash_library", "prompts"],
  ["help", "help", "help"],
];

export class Slash {
  /**
   * @param {import("./composer.js").Composer} composer
   * @param {import("./library.js").Library} library
   * @param {import("./commands.js").Commands} commands
   * @param {import("./words.js").Say} say
   */
  constructor(composer, library, commands, say) {
    Object.assign(this, { composer, library, commands, say, entries: [], active: 0, range: null });
    /** Where the menu was closed by Escape: it stays closed until the slash is gone. */
    this.waived = false;
    const name = say("slash_menu");
    this.list = element("ul", { id: "slash", role: "listbox", "aria-label": name, hidden: true });
    this.count = element("span", { class: "unseen", role: "status" });
    const { box, root } = composer;
    box.form.append(this.list);
    root.append(this.count);
    box.setAttribute("aria-autocomplete", "list");
    box.addEventListener("input", () => this.look());
    box.addEventListener("click", () => this.look());
    box.addEventListener("blur", () => this.close());
    library.changed = () => this.isOpen && this.look();
    // Before the box itself takes a key, which would send what is typed.
    root.addEventListener("keydown", (event) => event.target === box && this.pressed(event), true);
  }

  get isOpen() {
    return !this.list.hidden;
  }

  /** Open, change or close by what stands before the caret. */
  look() {
    const { box } = this.composer;
    const start = box.value.lastIndexOf("\n", box.selectionStart - 1) + 1;
    const typed = box.value.slice(start, box.selectionStart);
    const begins = SLASHES.includes(typed[0]);
    const wanted = begins && typed.length <= LONGEST && box.selectionStart === box.selectionEnd;
    if (!begins) this.waived = false;
    const rest = box.value.slice(box.selectionStart).split("\n", 1)[0];
    if (!wanted || rest || this.waived || box.readOnly) return this.close();
    this.range = [start, box.selectionStart];
    this.show(this.found(typed.slice(1).trimStart().toLowerCase(), typed === box.value));
  }

  /**
   * @param {string} text what is looked for
   * @param {boolean} alone whether nothing else is in the box: a command of the page is no part of a message
   */
  found(text, alone) {
    const words = text.split(/\s+/).filter(Boolean);
    const fits = (name) => words.every((word) => name.toLowerCase().includes(word));
    const first = (name) => (name.toLowerCase().startsWith(text) ? 0 : 1);
    const prompts = this.library.prompts.filter(({ name }) => fits(name)).sort((one, other) => first(one.name) - first(other.name));
    const commands = COMMANDS.filter(([word, key, does]) => alone && fits(`${word} ${this.say(key)}`) && (does !== "export" || this.commands.canExport));
    return [
      ...prompts.map((prompt) => ({ name: prompt.name, fact: legible(prompt.text), drawing: "prompts", act: () => this.insert(prompt) })),
      ...commands.map(([word, key, does]) => ({ name: `/${word}`, fact: this.say(key), drawing: "command", act: () => this.run(does) })),
    ].sort((one, other) => Number(other.name === `/${text}`) - Number(one.name === `/${text}`));
  }

  show(entries) {
    this.entries = entries;
    if (!entries.length) return this.close();
    this.list.replaceChildren(...entries.map((entry, index) => this.option(entry, index)));
    this.list.hidden = false;
    this.composer.box.setAttribute("aria-controls", "slash");
    setText(this.count, this.say("slash_count", { count: entries.length }));
    this.point(0);
  }

  option({ name, fact, drawing }, index) {
    const words = element("span", { class: "slash-words" }, element("span", { class: "slash-name" }, name), element("span", { class: "slash-fact" }, fact));
    const made = element("li", { id: `slash-${index}`, role: "option", onclick: () => this.choose(index), onpointermove: () => this.point(index) }, icon(drawing, 16), words);
    // The press must not take the focus out of the box.
    made.addEventListener("pointerdown", (event) => event.preventDefault());
    return made;
  }

  close() {
    if (!this.isOpen) return;
    this.list.hidden = true;
    this.composer.box.removeAttribute("aria-controls");
    this.composer.box.removeAttribute("aria-activedescendant");
    setText(this.count, "");
  }

  point(index) {
    this.active = (index + this.entries.length) % this.entries.length;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === this.active)));
    this.composer.box.setAttribute("aria-activedescendant", `slash-${this.active}`);
    this.list.children[this.active].scrollIntoView({ block: "nearest" });
  }

  pressed(event) {
    if (!this.isOpen || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown") this.point(this.active + 1);
    else if (event.key === "ArrowUp") this.point(this.active - 1);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) this.choose(this.active);
    else if (event.key === "Escape") this.waive();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  waive() {
    this.waived = true;
    this.close();
  }

  choose(index) {
    const entry = this.entries[index];
    this.close();
    entry.act();
  }

  /** The slash and what follows it give way to the prompt, once that is filled in. */
  insert(prompt) {
    const range = this.range;
    this.library.use(prompt, (text) => this.put(text, ...range));
  }

  run(does) {
    this.put("", ...this.range);
    this.commands[does]();
  }

  put(text, start, end) {
    const { box } = this.composer;
    box.setRangeText(text, start, end, "end");
    this.composer.edited();
    box.focus();
  }
}
