/** Short news at the foot of the page, with at most one thing to do about it; gone by itself. */

import { element } from "./elements.js";
import { iconButton } from "./icons.js";

const STAYS_MS = 6000;

export class Toasts {
  /** @param {import("./words.js").Say} say */
  constructor(say) {
    this.say = say;
    this.root = element("div", { class: "toasts", role: "status", "aria-live": "polite" });
  }

  /**
   * @param {string} sentence
   * @param {{name: string, act: () => void} | null} [offer]
   * @param {number} [stays] in ms
   */
  show(sentence, offer = null, stays = STAYS_MS) {
    const toast = element("div", { class: "toast" }, element("p", {}, sentence));
    const gone = () => toast.remove();
    if (offer) {
      const act = () => {
        gone();
        offer.act();
      };
      toast.append(element("button", { type: "button", class: "text-button", onclick: act }, offer.name));
    }
    toast.append(iconButton({ icon: "close", name: this.say("dismiss"), size: 16, onclick: gone }));
    this.root.replaceChildren(toast);
    this.wait(toast, gone, stays);
  }

  /** Who points at it or has the focus in it gets the time to read. */
  wait(toast, gone, stays) {
    let timer = setTimeout(gone, stays);
    const hold = () => clearTimeout(timer);
    const go = () => {
      hold();
      timer = setTimeout(gone, stays);
    };
    toast.addEventListener("pointerenter", hold);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("pointerleave", go);
    toast.addEventListener("focusout", go);
  }
}
