/** What this tab shows and asks: the frames of the live line on one side, the page on the other. */

import { addressed, settle, visit } from "./address.js";
import { isUnderWay } from "./answer.js";
import { unfinished } from "./memory.js";
import { Models } from "./models.js";

export class Session {
  /**
   * @param {import("./page.js").Page} page
   * @param {"en" | "zh"} language
   */
  constructor(page, language) {
    this.page = page;
    this.language = language;
    this.models = new Models();
    this.current = addressed();
    this.lastModel = null;
    /** Whether what is shown is a temporary chat, or is to become one. */
    this.passing = false;
    this.version = null;
    /** True until the server has said what to show: after a hello it may choose (`resume`). */
    this.awaited = true;
    /** The message to show once its conversation is there. */
    this.wantedMessage = null;
    /** @type {Map<string, (frame: object) => void>} who takes which frames, beside those below */
    this.listeners = new Map();
    Object.assign(page.on, {
      open: (id) => this.open(id),
      newChat: () => this.newChat(),
      newPassing: () => this.newPassing(),
      closePassing: () => this.closePassing(),
      choose: (name) => this.choose(name),
      again: (message, model) => this.again(message, model),
      wish: (verb, message) => this.wish(verb, message),
      ask: (text, key, edits) => this.ask(text, key, edits),
      stop: () => this.stop(),
    });
    page.composer.restore(this.current);
    if (this.current) page.transcript.expect();
    page.topbar.show(null);
    page.focusBox();
  }

  /** @param {import("./connection.js").Connection} connection */
  join(connection) {
    this.connection = connection;
    document.addEventListener("visibilitychange", () => this.send({ t: document.hidden ? "away" : "back" }));
  }

  /** @param {Object<string, (frame: object) => void>} listeners by the frame's word */
  hear(listeners) {
    for (const [word, listener] of Object.entries(listeners)) this.listeners.set(word, listener);
  }

  /**
   * @param {object} frame
   * @returns {boolean} whether it went onto the wire
   */
  send(frame) {
    return this.connection.send(frame);
  }

  hello() {
    this.awaited = true;
    const resume = this.current === null ? unfinished.get() : null;
    return { t: "hello", language: this.language, conversation: this.current, resume, away: document.hidden };
  }

  up() {
    this.page.composer.set({ online: true });
    this.page.composer.resend();
    this.page.on.lineUp?.();
  }

  down() {
    this.page.composer.set({ online: false });
  }

  /** @param {object} frame from the server */
  take(frame) {
    const page = this.page;
    switch (frame.t) {
      case "welcome": return this.welcomed(frame);
      case "models": return this.modelsChanged(frame);
      case "conversation": return this.show(frame);
      case "message": return this.messageChanged(frame);
      case "asked": return this.asked(frame);
      case "edited": return page.composer.changed(frame.key, frame.conversation);
      case "refused": return this.refused(frame);
      case "live": return this.live(frame);
      default: return this.listeners.get(frame.t)?.(frame); // no listener: a pong, or a word of a later version
    }
  }

  welcomed({ version, person, limits }) {
    // A newer server brings newer scripts; drafts are kept, so nothing typed is lost by loading them.
    if (this.version !== null && this.version !== version) window.location.reload();
    this.version = version;
    this.page.greet(person);
    this.page.composer.set({ limit: limits?.characters ?? Infinity });
  }

  modelsChanged(frame) {
    this.models.take(frame);
    this.page.banners.set("trouble", frame.trouble);
    this.showModel();
  }

  show(frame) {
    const { id, title, model, messages, older, temporary } = frame;
    if (!this.awaited && id !== this.current && id !== null) return; // the answer to an older click
    const gone = this.awaited && id === null && this.current !== null;
    this.awaited = false;
    // The conversation is no longer there: what was typed for it is not lost with it.
    if (gone) this.page.composer.carry(null);
    if (id !== null || this.current !== null) this.passing = Boolean(temporary);
    if (id !== this.current) this.moveTo(id);
    this.lastModel = model;
    settle(id);
    this.page.transcript.show(messages, older);
    this.page.topbar.show(id === null ? null : title);
    this.page.sidebar.mark(id);
    if (!messages.some(isUnderWay)) unfinished.clear(id);
    this.page.on.conversation?.(frame);
    this.changed();
    if (this.wantedMessage) this.reveal(this.wantedMessage);
  }

  reveal(message) {
    this.wantedMessage = null;
    if (this.page.transcript.reveal(message)) this.page.follow.letGo();
  }

  messageChanged({ conversation, message }) {
    if (conversation !== this.current) return;
    const before = this.page.transcript.find(message.id)?.message;
    this.page.transcript.put(message);
    if (message.role === "assistant" && before && isUnderWay(before) && !isUnderWay(message)) this.page.on.answered?.();
    if (message.role === "assistant" && this.page.transcript.underWay === null) unfinished.clear(conversation);
    if (!before && message.role === "user") this.page.follow.toEnd();
    this.changed();
  }

  live(frame) {
    if (!this.page.transcript.live(frame)) this.send({ t: "open", conversation: this.current });
    // Its turn may have come while its question was being changed.
    else if (frame.line && this.page.composer.edits) this.changed();
  }

  refused({ key, sentence }) {
    this.page.transcript.unsay(key);
    const taken = this.page.on.refused?.(key, sentence) || this.page.transcript.refused(key, sentence);
    if (!taken && this.page.readOnly) this.page.toasts.show(sentence); // there is no box to say it at
    else if (!taken) this.page.composer.refused(key, sentence);
    this.changed();
  }

  asked({ key, conversation }) {
    unfinished.set(conversation);
    const here = this.page.composer.accepted(key, conversation);
    if (here && this.current === null) this.adopt(conversation);
    if (here) this.page.follow.toEnd();
    if (here) this.page.on.accepted?.();
  }

  /** The new conversation has an id now; what is shown stays. */
  adopt(conversation) {
    this.current = conversation;
    this.models.adopt(conversation);
    settle(conversation);
    this.page.sidebar.mark(conversation);
  }

  /** @param {string | null} edits the answer whose waiting question the text replaces */
  ask(text, key, edits) {
    if (edits) return this.send({ t: "edit", key, message: edits, text });
    const temporary = this.passing && this.current === null;
    const sent = this.send({ t: "ask", key, conversation: this.current, text, model: this.model, temporary, ...this.page.on.alongside?.() });
    if (sent && this.current) {
      this.page.transcript.foretell(key, text);
      this.page.follow.toEnd();
    }
    return sent;
  }

  /** The model that answers next. */
  get model() {
    return this.models.of(this.current, this.lastModel)?.name ?? null;
  }

  /** @param {string | null} model null: the one that the picker shows */
  again(message, model) {
    return this.send({ t: "again", message, model: model ?? this.model });
  }

  stop() {
    if (this.page.readOnly) return;
    for (const message of this.page.transcript.allUnderWay) this.send({ t: "stop", message });
  }

  /** What a person wants of a question that waits. */
  wish(verb, message) {
    if (verb === "edit") this.page.composer.edit(message, this.page.transcript.questionOf(message)?.message.text ?? "");
    else this.send({ t: verb === "withdraw" ? "stop" : verb, message });
  }

  choose(name) {
    this.models.choose(this.current, name);
    this.showModel();
    this.page.focusBox();
  }

  open(id) {
    visit(id);
    this.turnTo(id);
  }

  /** Open a conversation where a message stands. */
  openAt(id, message) {
    this.wantedMessage = message;
    visit(id);
    if (id === this.current) this.send({ t: "open", conversation: id, at: message });
    this.turnTo(id);
  }

  newChat() {
    visit(null);
    this.turnTo(null);
    this.passing = false;
    this.changed();
  }

  newPassing() {
    this.newChat();
    this.passing = true;
    this.changed();
  }

  /** End the temporary chat that is shown; the server then shows an empty page. */
  closePassing() {
    if (this.current === null) this.newChat();
    else this.send({ t: "close", conversation: this.current });
  }

  /** Back and Forward. */
  showAddressed() {
    this.turnTo(addressed());
  }

  turnTo(id) {
    this.page.sidebar.close();
    if (id !== this.current) this.leaveFor(id);
    this.page.focusBox();
  }

  leaveFor(id) {
    this.awaited = false;
    this.passing = false;
    unfinished.clear(this.current); // who turns away on purpose is not brought back
    // First of all, so that the server reads while the page is cleared.
    this.send(id ? { t: "open", conversation: id, at: this.wantedMessage } : { t: "new" });
    this.moveTo(id);
    this.page.topbar.show(null);
    if (id) this.page.transcript.expect();
    else this.page.transcript.clear();
    this.changed(Boolean(id));
  }

  moveTo(id) {
    this.current = id;
    this.lastModel = null;
    this.page.composer.turnTo(id);
    this.page.sidebar.mark(id);
    this.page.follow.startAtEnd();
  }

  changed(loading = false) {
    this.page.passing.show(this.passing);
    this.page.composer.turnPassing(this.passing && this.current === null);
    this.page.refreshEmptiness(loading);
    const { composer, transcript } = this.page;
    composer.set({ underWay: transcript.underWay !== null });
    if (!loading && composer.edits && !transcript.waits(composer.edits)) composer.tooLate();
    this.showModel();
  }

  showModel() {
    const model = this.models.of(this.current, this.lastModel);
    this.page.picker.show(this.models.items, model?.name ?? null);
    this.page.empty.show(model, this.models.source);
    this.page.news.dispatchEvent(new Event("shown"));
  }
}
