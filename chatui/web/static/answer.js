/** An answer in the transcript: thinking, text, notice, and the line below them. */

import { Body } from "./body.js";
import { element, setText } from "./elements.js";
import { icon } from "./icons.js";
import { Line } from "./line.js";

const UNDER_WAY = new Set(["waiting", "streaming"]);

/**
 * @param {{state: string}} message
 * @returns {boolean} whether its answer is still to come or coming
 */
export function isUnderWay(message) {
  return UNDER_WAY.has(message.state);
}

function blockNames(say) {
  const drawn = ["diagram", "diagram_source", "diagram_show", "diagram_failed"].map((key) => [key, say(key)]);
  return { copy: say("copy_code"), copied: say("copied"), ...Object.fromEntries(drawn) };
}

export class Answer {
  /**
   * @param {object} message
   * @param {import("./words.js").Say} say
   * @param {object} actions what people want of it, by its id
   * @param {(sentence: string) => void} announce
   * @param {{inColumn?: boolean}} [place] in a column its question waits for others, too, and is not to be changed
   */
  constructor(message, say, actions, announce, { inColumn = false } = {}) {
    this.say = say;
    this.message = message;
    this.body = new Body(blockNames(say));
    this.heading = element("h2", { class: "unseen" });
    this.thought = element("div", { class: "thought" });
    this.summary = element("span");
    this.thinking = element("details", { class: "thinking", hidden: true }, element("summary", {}, icon("choose", 16), this.summary), this.thought);
    this.notice = element("p", { class: "notice", hidden: true });
    this.line = new Line(say, {
      again: (model) => actions.again(this.message.id, model),
      goOn: () => actions.goOn(this.message.id),
      rate: (rating) => actions.rate(this.message.id, rating),
      wish: (verb) => actions.wish(verb, this.message.id),
      text: () => this.message.text || this.body.root.innerText,
      branch: actions.branch,
      quote: actions.quote,
      models: actions.models,
      announce,
      inColumn,
    });
    this.root = element(
      "article",
      { "data-id": message.id, "data-role": "assistant" },
      this.heading, this.thinking, this.body.root, this.notice, this.line.root, this.line.course.root,
    );
    this.fresh = true;
    this.update(message);
  }

  /** Whether its question can still be changed, as far as is known. */
  get waits() {
    return isUnderWay(this.message) && this.line.turn !== null;
  }

  /** @param {object} message the same message, changed */
  update(message) {
    const begins = isUnderWay(message) && (this.fresh || !isUnderWay(this.message));
    const goesOn = isUnderWay(message) && !begins;
    this.message = { ...message, branches: message.branches ?? this.message.branches ?? [] };
    this.fresh = false;
    this.root.dataset.state = message.state;
    setText(this.heading, this.say("answered", { model: message.model ?? this.say("app") }));
    // While it streams the live frames own the text: a message frame of the same moment may lag behind them.
    if (!goesOn) this.body.show(message.html);
    if (!goesOn) this.think(message.thinking ?? "");
    this.remark(message.notice);
    if (begins) this.line.wait(null);
    if (!isUnderWay(message)) this.line.finish(this.message);
    this.markThinking();
  }

  /**
   * @param {object} frame of the live line
   * @returns {boolean} false: blocks are missing here, ask for a snapshot
   */
  live(frame) {
    if (frame.reset) this.restart(frame);
    else if (frame.at !== this.body.blocks.length) return false;
    else this.extend(frame);
    if (frame.line) this.line.wait(frame.line);
    // The first words are the news that it streams: no message frame says so.
    if (!this.body.empty || this.thought.textContent) this.root.dataset.state = "streaming";
    this.markThinking();
    return true;
  }

  restart(frame) {
    this.body.restart(frame.blocks ?? [], frame.tail, frame.append);
    this.think(frame.thinking ?? "");
  }

  extend(frame) {
    this.body.extend(frame.blocks ?? [], frame.tail, frame.append);
    if (frame.thinking) this.think(this.thought.textContent + frame.thinking);
  }

  think(text) {
    if (text.startsWith(this.thought.textContent)) this.thought.append(text.slice(this.thought.textContent.length));
    else this.thought.textContent = text;
    this.thinking.hidden = !text;
  }

  markThinking() {
    const still = isUnderWay(this.message) && this.body.empty;
    setText(this.summary, still ? this.say("thinking") : (this.message.thought ?? this.say("thought")));
  }

  remark(notice) {
    setText(this.notice, notice ?? "");
    this.notice.hidden = !notice;
  }
}
