/** What the person of this page chose for themselves: colours and language. */

import { Dialog } from "./dialog.js";
import { element } from "./elements.js";
import { language, theme } from "./memory.js";
import { segments } from "./segments.js";

const GROUNDS = { light: "#fcfbf9", dark: "#1c1b19" };

export class Preferences {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./page.js").Page} page
   * @param {import("./words.js").Say} say
   */
  constructor(session, page, say) {
    Object.assign(this, { session, page, say });
    this.chosen = { theme: theme.get(), language: language.get() };
    session.hear({ preferences: (frame) => this.take(frame.chosen) });
    page.on.settings = () => this.open();
    colour(this.chosen.theme);
  }

  /** @param {{theme?: string, language?: string}} chosen on any device */
  take(chosen) {
    this.chosen = { theme: chosen.theme ?? null, language: chosen.language ?? null };
    theme.set(this.chosen.theme);
    colour(this.chosen.theme);
    if (this.chosen.language === language.get()) return;
    language.set(this.chosen.language);
    // Every word of the page changes; what is typed is kept.
    if (language.get() === this.chosen.language) window.location.reload();
  }

  choose(name, value) {
    this.session.send({ t: "prefer", name, value: value || null });
  }

  open() {
    const dialog = new Dialog(this.say, this.say("settings"));
    const themes = [["", this.say("theme_system")], ["light", this.say("theme_light")], ["dark", this.say("theme_dark")]];
    const languages = [["", this.say("language_browser")], ["en", "English"], ["zh", "中文"]];
    dialog.show(
      element(
        "div",
        { class: "settings" },
        ...segments(this.say("theme"), themes, this.chosen.theme ?? "", (value) => this.choose("theme", value)),
        ...segments(this.say("language"), languages, this.chosen.language ?? "", (value) => this.choose("language", value)),
        ...(this.page.on.moreSettings?.() ?? []),
      ),
    );
  }
}

/** @param {string | null} chosen null leaves it to the system */
function colour(chosen) {
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
    const own = meta.media.includes("dark") ? "dark" : "light";
    meta.setAttribute("content", GROUNDS[chosen ?? own]);
  }
}
