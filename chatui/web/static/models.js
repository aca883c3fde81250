/** Which model answers the next question of a conversation. */

import { favourite } from "./memory.js";

export class Models {
  constructor() {
    this.items = [];
    this.fallback = null;
    this.source = "";
    /** @type {Map<string | null, string>} chosen in this page, per conversation */
    this.chosen = new Map();
  }

  /** @param {{items: object[], default: string | null, source: string}} frame */
  take(frame) {
    this.items = frame.items;
    this.fallback = frame.default;
    this.source = frame.source ?? "";
  }

  /** For this conversation alone. */
  prefer(conversation, name) {
    this.chosen.set(conversation, name);
  }

  choose(conversation, name) {
    this.prefer(conversation, name);
    favourite.set(name);
  }

  /** A new conversation got its id: the choice made for it goes along. */
  adopt(conversation) {
    const name = this.chosen.get(null);
    this.chosen.delete(null);
    if (name) this.chosen.set(conversation, name);
  }

  /**
   * What was chosen here, else what answered last, else what this browser likes, else what the server proposes; always a
   * model that is there.
   * @param {string | null} conversation
   * @param {string | null} last the model of the conversation so far
   * @returns {{name: string, loaded: boolean, facts: string} | null}
   */
  of(conversation, last) {
    const wishes = [this.chosen.get(conversation), last, favourite.get(), this.fallback];
    const found = wishes.map((wish) => this.items.find((item) => item.name === wish)).find(Boolean);
    return found ?? this.items[0] ?? null;
  }
}
