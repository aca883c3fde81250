/** The timeline of an answer: its stages and how long each took; the last one counts on while it lasts. */

import { element, setText } from "./elements.js";

const EVERY_MS = 1000;
const MINUTES_FROM_S = 120;

export class Course {
  /** @param {import("./words.js").Say} say */
  constructor(say) {
    this.say = say;
    this.steps = [];
    this.began = 0;
    this.timer = 0;
    this.root = element("ol", { class: "course", "aria-label": say("timeline"), hidden: true });
  }

  get empty() {
    return this.steps.length === 0;
  }

  get isOpen() {
    return !this.root.hidden;
  }

  /**
   * @param {{stage: string, name: string, took: string | null, cause: string | null}[]} steps
   * @param {number} elapsed for how many milliseconds the last one has lasted
   */
  show(steps, elapsed = 0) {
    this.steps = steps;
    this.began = performance.now() - elapsed;
    if (this.isOpen) this.draw();
  }

  toggle() {
    this.root.hidden = this.isOpen;
    if (this.isOpen) this.draw();
    else this.rest();
  }

  draw() {
    this.root.replaceChildren(...this.steps.map((step) => this.step(step)));
    this.rest();
    if (this.lasting) this.timer = setInterval(() => this.tick(), EVERY_MS);
    this.tick();
  }

  get lasting() {
    return this.steps.at(-1)?.took === null;
  }

  step({ stage, name, took, cause }) {
    return element(
      "li",
      { "data-stage": stage },
      element("span", { class: "dot", "aria-hidden": "true" }),
      element("span", { class: "course-name" }, name, cause ? element("span", { class: "course-cause" }, cause) : null),
      element("span", { class: "course-took" }, took ?? ""),
    );
  }

  tick() {
    if (!this.root.isConnected) this.rest();
    else if (this.lasting) setText(this.root.lastElementChild.lastElementChild, this.lasted(Math.round((performance.now() - this.began) / 1000)));
  }

  /** As the server says it once it is over. */
  lasted(seconds) {
    if (seconds < MINUTES_FROM_S) return this.say("seconds", { count: seconds });
    return this.say("minutes", { minutes: Math.floor(seconds / 60), seconds: String(seconds % 60).padStart(2, "0") });
  }

  rest() {
    clearInterval(this.timer);
    this.timer = 0;
  }
}
