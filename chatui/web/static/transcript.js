/** The messages of the conversation that is shown, each drawn once and kept by its id. */

import { Answer, isUnderWay } from "./answer.js";
import { Columns } from "./columns.js";
import { element } from "./elements.js";
import { Older } from "./older.js";
import { Question } from "./question.js";

/** Shorter waits need no sign. */
const SKELETON_AFTER_MS = 150;

export class Transcript {
  /**
   * @param {import("./words.js").Say} say
   * @param {object} actions what people want of messages, by their ids
   * @param {(sentence: string) => void} announce
   */
  constructor(say, actions, announce) {
    this.say = say;
    this.actions = actions;
    this.announce = announce;
    this.older = new Older(say, () => actions.older(this.shown.keys().next().value));
    /** @type {Map<string, Answer | Columns | Question>} */
    this.shown = new Map();
    this.root = element("div", { id: "transcript", role: "log", "aria-label": say("transcript"), "aria-busy": "false" });
    this.timer = 0;
  }

  /** @returns {Answer[]} every answer, also those side by side */
  get answers() {
    return [...this.shown.values()].flatMap((entry) => (entry instanceof Columns ? entry.answers : entry instanceof Answer ? [entry] : []));
  }

  /** @returns {string[]} the answers that are still to come or coming */
  get allUnderWay() {
    return this.answers.map((answer) => answer.message).filter(isUnderWay).map((message) => message.id);
  }

  /** @returns {string | null} the first of them */
  get underWay() {
    return this.allUnderWay[0] ?? null;
  }

  /** @returns {Answer | null} */
  answer(id) {
    return this.answers.find((answer) => answer.message.id === id) ?? null;
  }

  /** @returns {Answer | Question | null} what shows a message */
  find(id) {
    const entry = this.shown.get(id);
    return entry instanceof Question ? entry : this.answer(id);
  }

  /** @returns {Columns | null} those that an answer is among */
  columnsWith(id) {
    return [...this.shown.values()].find((entry) => entry instanceof Columns && entry.cells.has(id)) ?? null;
  }

  /**
   * @param {string} id of an answer
   * @returns {boolean} whether its question can still be changed, as far as is known
   */
  waits(id) {
    return this.answer(id)?.waits ?? false;
  }

  /**
   * @param {string} id of an answer
   * @returns {Question | null} what it answers
   */
  questionOf(id) {
    let last = null;
    for (const entry of this.shown.values()) {
      if (entry.message.id === id) return last;
      if (entry instanceof Question) last = entry;
    }
    return null;
  }

  /** @param {string | null} id of the answer whose question is being changed in the box */
  markEdited(id) {
    this.root.querySelector("[data-edited]")?.removeAttribute("data-edited");
    if (id) this.questionOf(id)?.root.setAttribute("data-edited", "");
  }

  get empty() {
    return this.shown.size === 0;
  }

  /** Another conversation was asked for: nothing is shown, and soon a skeleton. */
  expect() {
    this.clear();
    this.root.setAttribute("aria-busy", "true");
    this.timer = setTimeout(() => this.root.replaceChildren(skeleton(this.say("loading"))), SKELETON_AFTER_MS);
  }

  /**
   * @param {object[]} messages the end of the conversation in its order
   * @param {boolean} older whether there are others before them
   */
  show(messages, older) {
    this.settle();
    this.rename(messages.at(-1));
    const before = this.before(messages[0]?.id);
    const kept = new Set([...before, ...messages.map((message) => message.id)]);
    for (const [id, entry] of this.shown) if (!kept.has(id)) this.drop(id, entry);
    for (const message of messages) this.draw(message);
    this.order([...kept]);
    if (!before.length) this.older.offer(this.root, older);
    for (const entry of this.shown.values()) entry.rewriting?.unsent();
    this.markBusy();
  }

  /** What was loaded above a message and still stands above it. */
  before(id) {
    const ids = [...this.shown.keys()];
    return ids.slice(0, Math.max(0, ids.indexOf(id)));
  }

  /** Have the page in this order, moving nothing that is in its place. */
  order(ids) {
    this.shown = new Map(ids.map((id) => [id, this.shown.get(id)]));
    let at = this.older.root.isConnected ? this.older.root.nextSibling : this.root.firstChild;
    for (const { root } of this.shown.values()) {
      if (at === root) at = root.nextSibling;
      else this.root.insertBefore(root, at);
    }
  }

  /** @param {object} message one that is new or changed; what followed another branch goes */
  put(message) {
    const columns = message.columns ? null : this.columnsWith(message.id);
    if (columns) columns.put(message);
    else if (!this.shown.has(message.id) && !this.makeRoom(message)) return;
    else {
      this.settle();
      this.draw(message);
    }
    this.markBusy();
  }

  /**
   * A question has gone out: it stands there at once, and is told apart until the server has it.
   * @param {string} id that it will have
   */
  foretell(id, text) {
    const last = [...this.shown.values()].at(-1);
    if (!last || last instanceof Columns || this.shown.has(id) || !text.trim()) return;
    this.draw({ id, role: "user", state: "sending", text, read_only: true });
  }

  /** It was not taken after all. */
  unsay(id) {
    const entry = this.shown.get(id);
    if (entry?.message.state === "sending") this.drop(id, entry);
  }

  /** @returns {boolean} false: what the message follows is not shown here */
  makeRoom({ role, parent }) {
    // The end of a quick answer may come before its question, and does not say what it follows: both come soon.
    if (role !== "user" && !parent) return false;
    if (parent && this.shown.size && !this.shown.has(parent)) return false;
    // Where the chat goes on, it does so with one of them.
    if (this.shown.get(parent) instanceof Columns) this.replace(parent, this.shown.get(parent).message);
    const ids = [...this.shown.keys()];
    for (const id of ids.slice(parent ? ids.indexOf(parent) + 1 : 0)) this.drop(id, this.shown.get(id));
    return true;
  }

  /** Messages that come before the first one here. */
  prepend(before, messages, older) {
    if (this.shown.keys().next().value !== before) return;
    for (const message of messages) this.draw(message);
    this.order([...messages.map((message) => message.id), ...[...this.shown.keys()].slice(0, -messages.length || undefined)]);
    this.older.offer(this.root, older);
  }

  /** @param {{message: string, rating: number | null}} frame */
  rated({ message, rating }) {
    this.answer(message)?.line.rate(rating);
  }

  /** @returns {boolean} whether the ask that was refused began here */
  refused(key, sentence) {
    const box = [...this.shown.values()].map((entry) => entry.rewriting).find((rewriting) => key && rewriting?.key === key);
    box?.refused(sentence);
    return Boolean(box);
  }

  /**
   * @param {object} frame of the live line
   * @returns {boolean} false: a snapshot is needed
   */
  live(frame) {
    const answer = this.answer(frame.message);
    if (!answer || !isUnderWay(answer.message)) return true;
    if (answer.lost && !frame.reset) return true;
    const followed = answer.live(frame);
    answer.lost = !followed;
    return followed;
  }

  /**
   * Bring a message into view and point at it for a moment.
   * @param {string} id
   * @returns {boolean} whether it is there
   */
  reveal(id) {
    const root = this.find(id)?.root;
    if (!root) return false;
    root.scrollIntoView({ block: "center" });
    root.toggleAttribute("data-revealed", true);
    root.addEventListener("animationend", () => root.removeAttribute("data-revealed"), { once: true });
    return true;
  }

  clear() {
    clearTimeout(this.timer);
    this.shown.clear();
    this.root.replaceChildren();
    this.markBusy();
  }

  draw(message) {
    const entry = this.shown.get(message.id);
    if (!entry) this.add(message);
    else if (entry instanceof Columns === Boolean(message.columns)) entry.update(message);
    else this.replace(message.id, message);
  }

  add(message) {
    const entry = this.make(message);
    this.shown.set(message.id, entry);
    this.root.append(entry.root);
  }

  make(message) {
    if (message.role === "user") return new Question(message, this.say, this.actions);
    const Kind = message.columns ? Columns : Answer;
    return new Kind(message, this.say, this.actions, this.announce);
  }

  /** Columns in the place of an answer, or an answer in the place of columns. */
  replace(id, message) {
    const entry = this.make({ ...message, columns: this.shown.get(id) instanceof Columns ? undefined : message.columns });
    this.shown.get(id).root.replaceWith(entry.root);
    this.shown.set(id, entry);
  }

  /** The chat goes on with another one of the answers side by side: they stay as they are. */
  rename(message) {
    const columns = message?.columns ? this.columnsWith(message.id) : null;
    if (!columns || columns.message.id === message.id) return;
    this.shown = new Map([...this.shown].map(([id, entry]) => [entry === columns ? message.id : id, entry]));
  }

  drop(id, entry) {
    entry.root.remove();
    this.shown.delete(id);
  }

  /** The skeleton, if there is one, has served. */
  settle() {
    clearTimeout(this.timer);
    this.root.querySelector(".skeleton")?.remove();
  }

  /** Busy while an answer streams: screen readers then read it when it is whole and not token by token. */
  markBusy() {
    const busy = this.underWay === null ? "false" : "true";
    if (this.root.getAttribute("aria-busy") !== busy) this.root.setAttribute("aria-busy", busy);
  }
}

function skeleton(name) {
  const bars = ["ask", "long", "long", "short"].map((kind) => element("span", { class: `bar bar-${kind}` }));
  return element("div", { class: "skeleton", role: "status", "aria-label": name }, ...bars);
}
