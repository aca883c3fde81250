/** The box: what is typed stays in it until the server has it. */

import { element, setText } from "./elements.js";
import { icon } from "./icons.js";
import { newKey } from "./key.js";
import { drafts } from "./memory.js";
import { remark } from "./remark.js";

/** Where this browser has the draft of a temporary chat that is not begun. */
const PASSING = "passing";

export class Composer {
  /**
   * @param {import("./words.js").Say} say
   * @param {Object<string, Function>} actions `ask`, which says whether it went onto the wire, `stop`, `editing`, and what is
   *   told of drafts: `typed` at every change, `leaving` before another conversation is shown
   */
  constructor(say, actions) {
    this.say = say;
    this.actions = actions;
    this.conversation = null;
    this.limit = Infinity;
    this.online = true;
    this.underWay = false;
    this.refusal = "";
    /** Why nothing can be sent now, beside what is in the box itself. */
    this.hindrance = "";
    this.beside = 0; // files, which can go out without a word
    /** @type {{text: string, key: string, sent: boolean} | null} asked and not acknowledged */
    this.pending = null;
    /** The key of an ask that may have arrived although nobody said so: the same text goes out under it again. */
    this.retryKey = null;
    /** The answer whose waiting question is being changed here, and what was in the box before. */
    this.edits = null;
    this.aside = "";
    /** What the server has of the draft. */
    this.saved = "";
    this.typedHere = false;
    /** Whether a temporary chat is to begin here, of which the server keeps no draft. */
    this.passing = false;
    this.build();
  }

  build() {
    const name = this.say("ask");
    this.note = element("p", { class: "composer-note", role: "status" });
    this.box = element("textarea", { rows: 1, "aria-label": name, placeholder: name, enterkeyhint: "send", autocomplete: "off" });
    this.box.addEventListener("input", () => this.edited());
    this.box.addEventListener("keydown", (event) => this.pressed(event));
    this.button = element("button", { type: "submit", class: "send" });
    const form = element("form", { class: "composer", onsubmit: (event) => this.submitted(event) }, this.box, this.button);
    form.addEventListener("pointerdown", (event) => event.target === form && this.focusSoon(event));
    this.cancel = element("button", { type: "button", class: "text-button", hidden: true, onclick: () => this.giveUp() }, this.say("cancel"));
    this.foot = element("div", { class: "composer-foot" });
    this.root = element("div", { class: "composer-place" }, element("div", { class: "composer-remark" }, this.note, this.cancel), form, this.foot);
  }

  /** What is in the box, and what is on its way, goes along to another conversation. */
  carry(conversation) {
    drafts.set(this.place, null);
    this.conversation = conversation;
    this.saved = "";
    this.keep();
  }

  /** Where this browser keeps the draft. */
  get place() {
    return this.conversation ?? (this.passing ? PASSING : null);
  }

  /** @param {boolean} passing what is typed goes along */
  turnPassing(passing) {
    if (passing === this.passing) return;
    if (this.unsent) drafts.set(this.place, null);
    this.passing = passing;
    if (!this.unsent) this.restore(this.conversation);
    else this.remember();
  }

  /** Go over to another conversation: the draft of this one is kept. */
  turnTo(conversation) {
    if (conversation === this.conversation) return;
    this.keep();
    this.actions.leaving();
    this.restore(conversation);
  }

  /** Show what was typed in a conversation and not sent. */
  restore(conversation) {
    this.conversation = conversation;
    const { text, key, edits, aside, saved } = drafts.get(this.place);
    this.box.value = text;
    this.retryKey = key;
    Object.assign(this, { edits, aside, saved, typedHere: false });
    this.pending = null;
    this.refusal = "";
    this.refresh();
  }

  /** @param {string} text put into the box for the person to send or change */
  fill(text) {
    this.box.value = text;
    this.edited();
    this.box.focus();
    this.box.setSelectionRange(text.length, text.length);
  }

  /** @param {string} text of an answer, put into the box as a quotation */
  quote(text) {
    const quoted = text.trim().split("\n").map((line) => `> ${line}`.trimEnd()).join("\n");
    const before = this.box.value.trimEnd();
    this.fill(`${before ? `${before}\n\n` : ""}${quoted}\n\n`);
  }

  /**
   * The server has it: the text leaves the box.
   * @returns {boolean} whether it was asked from what is shown now
   */
  accepted(key, conversation) {
    for (const place of [conversation, null, PASSING]) if (drafts.get(place).key === key) drafts.set(place, null);
    if (this.pending?.key !== key) return false;
    this.conversation = conversation;
    this.box.value = "";
    Object.assign(this, { saved: "", typedHere: false });
    this.pending = null;
    this.retryKey = null;
    this.refusal = "";
    this.refresh();
    return true;
  }

  /**
   * Change a question that waits: its text comes into the box; what was typed there comes back afterwards.
   * @param {string} answer that is waited for
   */
  edit(answer, text) {
    if (this.pending) return;
    if (!this.edits) this.aside = this.box.value;
    this.edits = answer;
    this.fill(text);
  }

  /** Leave the question as it is. */
  giveUp() {
    this.box.value = this.aside;
    Object.assign(this, { edits: null, aside: "", pending: null });
    this.edited();
    this.box.focus();
  }

  /** What is typed here and is to be asked next. */
  get unsent() {
    return this.edits ? this.aside : this.box.value;
  }

  /**
   * The server has another draft than before, perhaps of another device: shown where nobody typed here.
   * @param {string} text
   * @param {string | null} sent what left it, where something was sent: it leaves the box here, too
   */
  saveHeard(text, sent = null) {
    const mine = this.unsent;
    const untouched = mine === this.saved && !this.pending && (!this.typedHere || !mine || mine === sent);
    this.saved = text;
    if (untouched && this.edits) this.aside = text;
    else if (untouched && this.box.value !== text) this.box.value = text;
    this.remember();
    if (untouched) this.refresh();
  }

  /** The question has its new text. */
  changed(key, conversation) {
    const kept = drafts.get(conversation);
    if (kept.key === key) drafts.set(conversation, { ...kept, text: kept.aside, key: null, edits: null, aside: "" });
    if (this.pending?.key === key) this.giveUp();
  }

  /** Its turn came first: nothing that was typed is lost. */
  tooLate() {
    if (this.pending) return;
    this.box.value = [this.box.value, this.aside].filter(Boolean).join("\n\n");
    Object.assign(this, { edits: null, aside: "", refusal: this.say("edit_too_late") });
    this.keep();
    this.refresh();
  }

  /** Nothing was kept by the server: the text stays, with the reason above it. */
  refused(key, sentence) {
    if (key && this.pending?.key !== key) return;
    if (key) Object.assign(this, { pending: null, retryKey: null });
    this.refusal = sentence;
    this.keep();
    this.refresh();
  }

  /** The line is back: what nobody acknowledged goes out again under its own key, so it is kept once. */
  resend() {
    if (this.pending) this.pending.sent = this.actions.ask(this.pending.text, this.pending.key, this.edits);
    this.refresh();
  }

  set(changes) {
    Object.assign(this, changes);
    this.refresh();
  }

  edited() {
    this.typedHere = true;
    this.refusal = "";
    this.retryKey = null;
    if (this.pending && !this.pending.sent) this.pending = null;
    this.keep();
    this.refresh();
  }

  pressed(event) {
    // Enter that ends the composition of a Chinese word is no wish to send; Safari says so only by the key code.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!this.stops) this.send();
  }

  submitted(event) {
    event.preventDefault();
    if (this.stops) this.actions.stop();
    else this.send();
  }

  /** Whether the button stops the answer under way: while a waiting question is changed it sends. */
  get stops() {
    return this.underWay && !this.edits;
  }

  /** Whether there is something to send, words or files alone, and nothing in its way. */
  get ready() {
    const free = (this.edits || !this.hindrance) && !this.pending && this.excess() === 0;
    return Boolean(free && (this.box.value.trim() || (this.beside && !this.edits)));
  }

  send() {
    if (!this.ready) return;
    const key = this.retryKey ?? newKey();
    this.pending = { text: this.box.value, key, sent: false };
    this.pending.sent = this.actions.ask(this.pending.text, key, this.edits);
    this.refusal = "";
    this.keep();
    this.refresh();
  }

  keep() {
    this.remember();
    this.actions.typed();
  }

  /** In this tab, where it is there also without a line. */
  remember() {
    const { edits, aside, saved } = this;
    drafts.set(this.place, { text: this.box.value, key: this.pending?.key ?? this.retryKey, edits, aside, saved });
  }

  focusSoon(event) {
    event.preventDefault();
    this.box.focus();
  }

  /** Characters beyond the limit; as the server counts them, so an emoji is one. */
  excess() {
    return this.box.value.length <= this.limit ? 0 : [...this.box.value].length - this.limit;
  }

  refresh() {
    this.box.readOnly = Boolean(this.pending?.sent);
    this.grow();
    this.drawButton();
    const { text, kind } = remark(this);
    setText(this.note, text);
    this.note.dataset.kind = kind;
    this.cancel.hidden = !this.edits;
    this.actions.editing(this.edits);
  }

  drawButton() {
    const kind = this.stops ? "stop" : "send";
    this.button.disabled = kind === "send" && !this.ready;
    if (this.button.dataset.kind === kind) return;
    const name = this.say(kind);
    this.button.dataset.kind = kind;
    this.button.setAttribute("aria-label", name);
    this.button.title = this.say(`${kind}_hint`);
    this.button.replaceChildren(icon(kind));
  }

  /** Where the style sheet cannot let the box grow (`field-sizing`), the script does. */
  grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
  }
}
