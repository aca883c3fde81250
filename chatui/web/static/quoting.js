/** Words of an answer that are selected get a button that takes them into the box. */

import { element } from "./elements.js";
import { icon } from "./icons.js";

export class Quoting {
  /**
   * @param {HTMLElement} transcript
   * @param {import("./words.js").Say} say
   * @param {(text: string) => void} quote
   */
  constructor(transcript, say, quote) {
    this.transcript = transcript;
    this.text = "";
    const take = () => {
      quote(this.text);
      document.getSelection()?.removeAllRanges();
    };
    this.button = element("button", { type: "button", class: "quote-button", hidden: true, onclick: take }, icon("quote", 16), say("quote"));
    // The press must not take the selection away before the click.
    this.button.addEventListener("pointerdown", (event) => event.preventDefault());
    document.getElementById("samovar").append(this.button);
    document.addEventListener("selectionchange", () => this.selected());
    transcript.closest("#reading").addEventListener("scroll", () => (this.button.hidden = true), { passive: true });
  }

  selected() {
    const selection = document.getSelection();
    const text = selection?.toString().trim() ?? "";
    const range = text ? selection.getRangeAt(0) : null;
    // Where it begins decides: three clicks on a paragraph reach into what follows it.
    const begins = range?.startContainer;
    const place = begins instanceof Element ? begins : begins?.parentElement;
    this.text = text;
    this.button.hidden = !place?.closest(".answer-text");
    if (!this.button.hidden) this.place(range.getBoundingClientRect());
  }

  /** Above what is selected, or below it where that is out of sight. */
  place(box) {
    const { width, height } = this.button.getBoundingClientRect();
    const left = Math.min(Math.max(8, box.left + box.width / 2 - width / 2), window.innerWidth - width - 8);
    const top = box.top - height - 8 > 56 ? box.top - height - 8 : box.bottom + 8;
    Object.assign(this.button.style, { left: `${left}px`, top: `${top}px` });
  }
}
