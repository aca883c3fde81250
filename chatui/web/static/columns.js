/** Answers of several models to one question, side by side; the chat goes on with one of them. */

import { Answer, isUnderWay } from "./answer.js";
import { element } from "./elements.js";
import { icon, iconButton } from "./icons.js";

export class Columns {
  /**
   * @param {object} message the answer that the chat goes on with; its `columns` are all of them
   * @param {import("./words.js").Say} say
   * @param {object} actions what people want of an answer, by its id
   * @param {(sentence: string) => void} announce
   */
  constructor(message, say, actions, announce) {
    Object.assign(this, { say, actions, announce });
    /** @type {Map<string, {answer: Answer, root: HTMLElement, stop: HTMLElement, choose: HTMLElement}>} */
    this.cells = new Map();
    this.root = element("div", { class: "columns", role: "group", "aria-label": say("columns"), tabindex: "0" });
    this.update(message);
  }

  get answers() {
    return [...this.cells.values()].map((cell) => cell.answer);
  }

  /** @param {object} message the same, changed, or another one that the chat goes on with */
  update(message) {
    this.message = message;
    for (const one of message.columns) this.put(one);
    this.root.style.setProperty("--count", String(this.cells.size));
    for (const [id, cell] of this.cells) this.mark(cell, id === message.id);
  }

  /** @param {object} message one of them, new or changed */
  put(message) {
    const cell = this.cells.get(message.id) ?? this.add(message);
    cell.answer.update(message);
    cell.stop.hidden = !isUnderWay(message);
    // What its person sees alone later is what came of it here.
    if (message.id === this.message.id) this.message = { ...this.message, ...message, branches: this.message.branches };
  }

  add(message) {
    const { id } = message;
    const answer = new Answer(message, this.say, this.actions, this.announce, { inColumn: true });
    const stop = iconButton({ icon: "stop", name: this.say("column_stop", { model: message.model }), size: 16, onclick: () => this.actions.stopOne(id) });
    const choose = element("button", { type: "button", class: "text-button choose", onclick: () => this.actions.goOnWith(id, message.model) });
    const head = element("header", { class: "column-head" }, element("span", { class: "column-model" }, message.model), stop);
    const root = element("div", { class: "answer-column" }, head, answer.root, choose);
    const cell = { answer, root, stop, choose };
    this.cells.set(id, cell);
    this.root.append(root);
    return cell;
  }

  mark({ root, choose, answer }, chosen) {
    root.toggleAttribute("data-chosen", chosen);
    choose.setAttribute("aria-pressed", String(chosen));
    choose.setAttribute("aria-label", this.say(chosen ? "column_chosen_name" : "column_choose_name", { model: answer.message.model }));
    choose.replaceChildren(icon(chosen ? "check" : "forward", 16), this.say(chosen ? "column_chosen" : "column_choose"));
  }
}
