/** The waiting line: says where an answer is, changes in place, and becomes the answer's footer. */

import { Course } from "./course.js";
import { element, setText } from "./elements.js";
import { icon } from "./icons.js";
import { Menu } from "./menu.js";
import { toolbar } from "./toolbar.js";

const SPOKEN = new Set(["queued", "retry"]);
/** What can be done with a question that waits, by when it is to run. */
const WISHES = { turn: ["edit", "pass", "idle", "withdraw"], pass: ["edit", "turn", "idle", "withdraw"], idle: ["edit", "turn", "pass", "withdraw"] };

export class Line {
  /**
   * @param {import("./words.js").Say} say
   * @param {object} actions `wish` while it waits, `announce`, and those of the toolbar
   */
  constructor(say, actions) {
    this.say = say;
    this.actions = actions;
    /** When it is to run: undefined while nobody said, null once it does not wait any more. */
    this.turn = undefined;
    this.menu = null;
    this.course = new Course(say);
    this.dot = element("span", { class: "dot", "aria-hidden": "true" });
    this.words = element("span");
    this.text = element("button", { type: "button", class: "line-text", title: say("timeline_open"), "aria-expanded": "false", onclick: () => this.turnCourse() }, this.words, icon("choose", 16));
    this.buttons = element("span", { class: "actions" });
    this.root = element("footer", { class: "line" }, this.dot, this.text, this.buttons);
  }

  /** @param {{stage: string, text: string, turn: string | null} | null} line null: nothing is known yet */
  wait(line) {
    const stage = line?.stage ?? "queued";
    const text = line?.text || this.say("waiting");
    // Running figures are for the eye; a new stage, or a new place in the line, is news.
    if (this.root.dataset.stage !== stage || SPOKEN.has(stage)) this.actions.announce(text);
    if (this.root.dataset.stage !== stage) this.root.dataset.stage = stage;
    setText(this.words, text);
    if (line?.steps) this.course.show(line.steps, line.elapsed_ms);
    this.text.disabled = this.course.empty;
    this.offer(line?.turn);
  }

  /** Offer what can be done while it waits, and take it away once it does not; undefined says nothing of what waits. */
  offer(turn) {
    if (turn === undefined ? this.turn : turn === this.turn) return;
    this.turn = turn;
    if (turn) return this.fillMenu(turn);
    const focused = this.buttons.contains(document.activeElement);
    this.menu?.close();
    this.buttons.replaceChildren();
    if (focused) this.text.focus();
  }

  fillMenu(turn) {
    this.menu ??= new Menu(this.say("waiting_menu"));
    const wishes = this.actions.inColumn ? WISHES[turn].filter((verb) => verb !== "edit") : WISHES[turn];
    this.menu.fill(wishes.map((verb) => ({ name: this.say(`wait_${verb}`), fact: this.say(`wait_${verb}_fact`), act: () => this.actions.wish(verb) })));
    if (!this.buttons.contains(this.menu.root)) this.buttons.replaceChildren(this.menu.root);
  }

  turnCourse() {
    this.course.toggle();
    this.text.setAttribute("aria-expanded", String(this.course.isOpen));
  }

  /**
   * The answer is over, one way or another.
   * @param {{state: string, facts: string, notice: string | null, timeline: object[]}} message
   */
  finish(message) {
    const { state, facts, notice, timeline } = message;
    const waited = "stage" in this.root.dataset;
    delete this.root.dataset.stage;
    this.offer(null);
    // A stopped answer may have no notice: without a word it would look whole.
    const ending = state === "complete" || notice ? "" : this.say(`ended_${state}`);
    setText(this.words, [ending, facts].filter(Boolean).join(" · "));
    this.course.show(timeline ?? []);
    this.text.disabled = this.course.empty;
    this.buttons.replaceChildren(...toolbar(this.say, message, this.actions));
    if (waited) this.actions.announce(this.say(`state_${state}`));
  }

  /** @param {number | null} rating */
  rate(rating) {
    for (const button of this.buttons.querySelectorAll(".rate")) button.setAttribute("aria-pressed", String(Number(button.dataset.value) === rating));
  }
}
