/** A question that is put in other words, in its own place. */

import { element, setText } from "./elements.js";

export class RewriteBox {
  /**
   * @param {{text: string, files: object[]}} message with files it needs no words
   * @param {import("./words.js").Say} say
   * @param {{send: (text: string) => string | null, closed: () => void}} actions `send` tells the key under which it went
   *   out, null when it did not
   */
  constructor({ text, files }, say, actions) {
    this.files = files;
    this.actions = actions;
    this.say = say;
    this.before = text;
    this.key = null;
    this.box = element("textarea", { class: "field", "aria-label": say("rewrite"), rows: 2 });
    this.box.value = text;
    this.note = element("p", { class: "composer-note", role: "status", "data-kind": "refused" });
    const cancel = element("button", { type: "button", class: "text-button plain", onclick: () => this.close() }, say("cancel"));
    this.button = element("button", { type: "submit", class: "solid-button" }, say("send"));
    const hint = element("span", { class: "rewrite-hint" }, say("rewrite_hint"));
    this.root = element("form", { class: "rewrite-box", onsubmit: (event) => this.submitted(event) }, this.box, this.note, element("div", { class: "dialog-buttons" }, hint, cancel, this.button));
    this.root.addEventListener("keydown", (event) => this.pressed(event));
  }

  begin() {
    this.box.focus();
    this.box.setSelectionRange(this.before.length, this.before.length);
  }

  pressed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey && event.target === this.box) this.submitted(event);
  }

  submitted(event) {
    event.preventDefault();
    const text = this.box.value;
    if (this.key || (!text.trim() && !this.files.length)) return;
    this.key = this.actions.send(text);
    setText(this.note, this.key ? "" : this.say("offline"));
    this.button.disabled = Boolean(this.key);
    this.box.readOnly = Boolean(this.key);
  }

  /** Nothing was kept: the text stays, with the reason below it. */
  refused(sentence) {
    this.key = null;
    this.button.disabled = false;
    this.box.readOnly = false;
    setText(this.note, sentence);
    this.box.focus();
  }

  /** The conversation was read anew and this question is still in it: what went out did not arrive. */
  unsent() {
    if (this.key) this.refused("");
  }

  close() {
    this.root.remove();
    this.actions.closed();
  }
}
