/** The sign over a temporary chat, for as long as one is shown, and the button that ends it. */

import { element } from "./elements.js";
import { icon } from "./icons.js";

export class Passing {
  /**
   * @param {import("./words.js").Say} say
   * @param {() => void} close
   */
  constructor(say, close) {
    const button = element("button", { type: "button", class: "text-button", onclick: close }, say("temporary_close"));
    this.root = element(
      "div",
      { class: "banner", "data-kind": "temporary", role: "status", hidden: true },
      icon("passing", 20),
      element("p", {}, say("temporary_sign")),
      button,
    );
  }

  /** @param {boolean} is whether what is shown is a temporary chat, or is to become one */
  show(is) {
    this.root.hidden = !is;
  }
}
