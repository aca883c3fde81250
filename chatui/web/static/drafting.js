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
    /** Whether the server may not have heard of what is typed here. */
    this.unheard = true;
    page.on.leaving = () => this.flush();
    page.on.lineUp = () => (this.unheard = true);
    page.whenTyped(() => this.typed());
    session.hear({ draft: (frame) => this.take(frame) });
    window.addEventListener("pagehide", () => this.flush());
    document.addEventListener("visibilitychange", () => document.hidden && this.flush());
  }

  /** Something was typed: it is sent once the hands rest. */
  typed() {
    this.unheard = true;
    this.schedule();
  }

  schedule() {
    window.clearTimeout(this.timer);
    this.timer = this.outdated ? window.setTimeout(() => this.flush(), SETTLED_MS) : null;
  }

  /** Send what the server does not have yet, before what is shown changes or goes. */
  flush() {
    window.clearTimeout(this.timer);
    this.timer = null;
    if (!this.outdated) return;
    const sent = this.session.send({ t: "draft", conversation: this.composer.conversation, text: this.composer.unsent });
    if (sent) this.unheard = false;
  }

  get outdated() {
    const { composer } = this;
    return this.unheard && !composer.passing && !composer.pending && composer.excess() === 0 && composer.unsent !== composer.saved;
  }

  /**
   * Of two tabs in which different things are typed the later one's is kept: were each to answer the other's, they
   * would never come to rest. What was sent has left the place free again.
   * @param {{conversation: string | null, text: string, sent: string | null}} frame what the server has now
   */
  take({ conversation, text, sent }) {
    if (conversation !== this.session.current || (conversation === null && this.session.passing)) return;
    this.composer.saveHeard(text, sent);
    if (sent !== null) this.unheard = true;
    this.schedule();
  }
}
