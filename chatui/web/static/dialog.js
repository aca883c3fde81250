/** Dialogs over the page: the browser's own element, so focus, Escape and the page behind are right by themselves. */

import { element } from "./elements.js";
import { iconButton } from "./icons.js";

export class Dialog {
  /**
   * @param {import("./words.js").Say} say
   * @param {string} title
   * @param {{wide?: boolean}} [look]
   */
  constructor(say, title, { wide = false } = {}) {
    this.body = element("div", { class: "dialog-body" });
    const close = iconButton({ icon: "close", name: say("close"), shortcut: "Esc", onclick: () => this.close() });
    this.root = element(
      "dialog",
      { class: wide ? "dialog wide" : "dialog", "aria-label": title },
      element("header", { class: "dialog-head" }, element("h2", {}, title), close),
      this.body,
    );
    this.root.addEventListener("click", (event) => event.target === this.root && this.close());
    // Escape on the page would stop the answer.
    this.root.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation());
    this.root.addEventListener("close", () => this.root.remove());
  }

  /** Show something else in it, or open it with that. */
  fill(...children) {
    if (!this.root.open) return this.show(...children);
    this.body.replaceChildren(...children);
    // What had the focus is gone, and Escape must still be the dialog's.
    return this.body.querySelector("input, button")?.focus();
  }

  /** @param {...Node} children */
  show(...children) {
    this.body.replaceChildren(...children);
    document.getElementById("samovar").append(this.root);
    this.root.showModal();
  }

  close() {
    this.root.close();
  }
}

/**
 * Ask for one line.
 * @param {import("./words.js").Say} say
 * @param {{title: string, label: string, value?: string, action: string}} words
 * @returns {Promise<string | null>} null when it was given up
 */
export function askLine(say, { title, label, value = "", action }) {
  return new Promise((resolve) => {
    const dialog = new Dialog(say, title);
    const input = element("input", { type: "text", class: "field", "aria-label": label, placeholder: label, maxlength: 200, autofocus: true });
    input.value = value;
    let answer = null;
    const given = (event) => {
      event.preventDefault();
      answer = input.value.trim() || null;
      if (answer) dialog.close();
    };
    const form = element("form", { class: "dialog-form", onsubmit: given }, input, buttons(say, dialog, action));
    dialog.root.addEventListener("close", () => resolve(answer));
    dialog.show(form);
    input.select();
  });
}

/** The row that ends a form: give up, or go on. */
export function buttons(say, dialog, action) {
  return element(
    "div",
    { class: "dialog-buttons" },
    element("button", { type: "button", class: "text-button plain", onclick: () => dialog.close() }, say("cancel")),
    element("button", { type: "submit", class: "solid-button" }, action),
  );
}
