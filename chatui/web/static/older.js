/** What stands above the first message: a button, and its reading when it comes near. */

import { element } from "./elements.js";

/** Read this far before it is seen: a chat opens with what fills a screen, and has several once that is drawn. */
const NEAR = "3000px 0px 0px 0px";

export class Older {
  /**
   * @param {import("./words.js").Say} say
   * @param {() => void} read
   */
  constructor(say, read) {
    this.read = read;
    this.asked = false;
    this.root = element("button", { type: "button", class: "text-button older", onclick: () => this.ask() }, say("older"));
    this.watch = null;
  }

  /** @param {HTMLElement} transcript @param {boolean} is whether there is anything */
  offer(transcript, is) {
    this.asked = false;
    this.watch?.disconnect();
    if (!is) return this.root.remove();
    transcript.prepend(this.root);
    this.watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.ask(), { root: transcript.closest("#reading"), rootMargin: NEAR });
    return this.watch.observe(this.root);
  }

  ask() {
    if (this.asked) return;
    this.asked = true;
    this.read();
  }
}
