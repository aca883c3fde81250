/** What people do with messages that are there: other branches, going on, judging, quoting, older ones. */

import { newKey } from "./key.js";
import { Quoting } from "./quoting.js";

export class Branching {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./page.js").Page} page
   * @param {import("./words.js").Say} say
   */
  constructor(session, page, say) {
    Object.assign(this, { session, page });
    session.hear({ rated: (frame) => page.transcript.rated(frame), older: (frame) => this.olderCame(frame) });
    Object.assign(page.on, {
      branch: (message) => session.send({ t: "branch", message }),
      goOn: (message) => this.goOn(message),
      rate: (message, rating) => session.send({ t: "rate", message, rating }),
      quote: (text) => page.composer.quote(text),
      rewrite: (message, text) => this.rewrite(message, text),
      models: () => session.models.items,
      older: (before) => session.send({ t: "older", message: before }),
    });
    new Quoting(page.transcript.root, say, (text) => page.composer.quote(text));
  }

  goOn(message) {
    this.page.follow.toEnd();
    this.session.send({ t: "continue", message });
  }

  /** @returns {string | null} the key that it went out under */
  rewrite(beside, text) {
    const key = newKey();
    const model = this.session.model;
    const frame = { t: "ask", key, conversation: this.session.current, text, model, beside };
    return this.session.send(frame) ? key : null;
  }

  olderCame({ before, messages, older }) {
    this.page.follow.hold(() => this.page.transcript.prepend(before, messages, older));
  }
}
