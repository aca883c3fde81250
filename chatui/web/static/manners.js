/** How the conversation that is shown is to be answered: what is chosen of it, and the button that opens the choice. */

import { element, setText } from "./elements.js";
import { icon } from "./icons.js";
import { MannerForm } from "./manner_form.js";

export class Manners {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./page.js").Page} page
   * @param {import("./words.js").Say} say
   */
  constructor(session, page, say) {
    Object.assign(this, { session, page, say });
    /** The conversation that `chosen` is for; null for one that is not begun. */
    this.of = null;
    this.chosen = {};
    this.presets = [];
    this.form = null;
    this.words = element("span");
    this.button = element("button", { type: "button", class: "foot-button manner-button", "aria-haspopup": "dialog", onclick: () => this.open() }, icon("settings", 16), this.words);
    page.composer.foot.prepend(this.button);
    session.hear({ manner: (frame) => this.take(frame), presets: (frame) => this.presetsCame(frame.items) });
    Object.assign(page.on, { alongside: () => ({ manner: this.current }) });
    page.whenShown(() => this.draw());
    this.draw();
  }

  /** What holds for the conversation that is shown. */
  get current() {
    return this.of === this.session.current ? this.chosen : {};
  }

  take({ conversation, manner }) {
    if (conversation !== this.session.current) return;
    Object.assign(this, { of: conversation, chosen: manner });
    this.draw();
    this.page.on.weigh?.();
  }

  presetsCame(items) {
    this.presets = items;
    this.form?.offer(items);
  }

  open() {
    this.form = new MannerForm(this.say, this.current, {
      apply: (manner) => this.choose(manner),
      save: (name, manner) => this.session.send({ t: "preset_save", name, manner }),
      remove: (preset) => this.session.send({ t: "preset_delete", preset }),
    });
    this.form.offer(this.presets);
    this.session.send({ t: "presets" });
  }

  choose(manner) {
    const conversation = this.session.current;
    if (conversation) this.session.send({ t: "manner", conversation, manner });
    // A chat that is not begun takes it along with its first question.
    else this.take({ conversation, manner });
    this.page.focusBox();
  }

  draw() {
    const any = Object.keys(this.current).length > 0;
    this.button.dataset.chosen = String(any);
    setText(this.words, this.say(any ? "manner_own" : "manner"));
  }
}
