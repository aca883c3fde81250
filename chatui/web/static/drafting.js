/** What is typed, on its way to the server: kept there, it comes back on every device. */

const SETTLED_MS = 600;

export class Drafting {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./page.js").Page} page
   */
  constructor(session, page) {
    this.session = session;
    this.composer = page.composer;
    this.timer = null;
    page.on.leaving = () => this.flush();
    page.whenTyped(() => this.typed());
    session.hear({ draft: (frame) => this.take(frame) });
    window.addEventListener("pagehide", () => this.flush());
    document.addEventListener("visibilitychange", () => document.hidden && this.flush());
  }

  /** Something was typed: it is sent once the hands rest. */
  typed() {
    window.clearTimeout(this.timer);
    this.timer = this.outdated ? window.setTimeout(() => this.flush(), SETTLED_MS) : null;
  }

  /** Send what the server does not have yet, before what is shown changes or goes. */
  flush() {
    window.clearTimeout(this.timer);
    this.timer = null;
    if (!this.outdated) return;
    this.session.send({ t: "draft", conversation: this.composer.conversation, text: this.composer.unsent });
  }

  get outdated() {
    const { composer } = this;
    return !composer.passing && !composer.pending && composer.excess() === 0 && composer.unsent !== composer.saved;
  }

  /** @param {{conversation: string | null, text: string, sent: string | null}} frame what the server has now */
  take({ conversation, text, sent }) {
    if (conversation !== this.session.current || (conversation === null && this.session.passing)) return;
    this.composer.saveHeard(text, sent);
    this.typed();
  }
}
