/** News for who looks elsewhere: a mark in the tab's title, and the system's notification where it was asked for. */

import { notifies } from "./memory.js";
import { segments } from "./segments.js";

export class News {
  /**
   * @param {import("./page.js").Page} page
   * @param {import("./words.js").Say} say
   */
  constructor(page, say) {
    Object.assign(this, { page, say });
    this.count = 0;
    const others = page.on.moreSettings;
    page.on.moreSettings = () => [...(others?.() ?? []), ...this.setting()];
    page.on.answered = () => this.answered();
    document.addEventListener("visibilitychange", () => document.hidden || this.seen());
  }

  /** An answer is over in the conversation that is shown. */
  answered() {
    if (!document.hidden) return;
    this.count += 1;
    this.page.topbar.mark(this.count);
    if (notifies.get() && window.Notification?.permission === "granted") this.notify();
  }

  notify() {
    const made = new Notification(this.say("answer_ready"), { body: this.page.topbar.title.textContent, tag: "samovar" });
    made.onclick = () => {
      window.focus();
      made.close();
    };
  }

  seen() {
    this.count = 0;
    this.page.topbar.mark(0);
  }

  /** @returns {Node[]} the setting, where the browser knows notifications */
  setting() {
    if (!window.Notification) return [];
    const options = [["", this.say("notify_off")], ["on", this.say("notify_on")]];
    return segments(this.say("notify"), options, notifies.get() ?? "", (value) => this.choose(value));
  }

  /** The browser asks its person once; who refused is asked by us no more. */
  async choose(value) {
    notifies.set(value || null);
    if (!value || (await Notification.requestPermission()) === "granted") return;
    notifies.set(null);
    this.page.banners.set("notify", this.say("notify_refused"));
  }
}
