/** What everybody should know now: a trouble of the models, a notice of the server. */

import { element, setText } from "./elements.js";
import { icon } from "./icons.js";

export class Banners {
  constructor() {
    this.root = element("div", { class: "banners" });
    /** @type {Map<string, HTMLElement>} */
    this.shown = new Map();
  }

  /**
   * @param {"trouble" | "notice" | "shared"} kind
   * @param {string | null | undefined} sentence null takes the banner away
   */
  set(kind, sentence) {
    const banner = this.shown.get(kind);
    if (!sentence) {
      banner?.remove();
      this.shown.delete(kind);
    } else if (banner) setText(banner.lastElementChild, sentence);
    else this.add(kind, sentence);
  }

  add(kind, sentence) {
    const banner = element("div", { class: "banner", "data-kind": kind, role: "status" }, icon("alert", 20), element("p", {}, sentence));
    this.shown.set(kind, banner);
    this.root.append(banner);
  }
}
