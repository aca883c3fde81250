/** How full the model's context is with what is typed, and what will be left out. */

import { element, setText } from "./elements.js";

const SETTLED_MS = 200;
/** As the server estimates them. */
const BYTES_PER_TOKEN = 3.2;
const TOKENS_PER_MESSAGE = 8;

/**
 * @param {{room: number, system: number, exchanges: [number, number][]}} weight exchanges newest first: tokens, messages
 * @param {string} typed
 * @param {number} beside tokens of the files beside it
 * @returns {{used: number, leftOut: number}} tokens, and messages that the model will not read
 */
export function fullness({ room, system, exchanges }, typed, beside = 0) {
  let used = system + beside + (typed.trim() ? tokensOf(typed) : 0);
  let fits = true;
  let leftOut = 0;
  for (const [tokens, messages] of exchanges) {
    fits = fits && used + tokens <= room;
    if (fits) used += tokens;
    else leftOut += messages;
  }
  return { used, leftOut };
}

function tokensOf(text) {
  return Math.trunc(new TextEncoder().encode(text).length / BYTES_PER_TOKEN) + 1 + TOKENS_PER_MESSAGE;
}

export class Meter {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./page.js").Page} page
   * @param {import("./words.js").Say} say
   */
  constructor(session, page, say) {
    Object.assign(this, { session, page, say });
    this.weight = null;
    this.timer = null;
    this.fill = element("span", { class: "meter-fill" });
    this.words = element("span", { class: "meter-words" });
    this.left = element("span", { class: "meter-left", role: "status" });
    this.bar = element("span", { class: "meter-bar", role: "meter", "aria-label": say("context_name"), "aria-valuemin": 0, "aria-valuemax": 100 }, this.fill);
    this.root = element("div", { class: "meter", hidden: true }, this.left, this.words, this.bar);
    page.composer.foot.append(this.root);
    session.hear({ weight: (frame) => this.take(frame) });
    page.whenShown(() => this.weighSoon());
    page.whenTyped(() => this.draw());
    page.on.weigh = () => this.weighSoon();
    page.on.drawMeter = () => this.draw();
  }

  weighSoon() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.weigh(), SETTLED_MS);
    this.draw();
  }

  weigh() {
    const { current, model } = this.session;
    // Until it is there nobody knows whether it is one's own: what others share is not weighed.
    const comes = current && this.page.transcript.empty;
    if (!model || comes || this.page.readOnly) return;
    const manner = current ? undefined : this.page.on.alongside?.().manner;
    this.session.send({ t: "weigh", conversation: current, model, manner });
  }

  take(frame) {
    if (frame.conversation !== this.session.current) return;
    this.weight = frame;
    this.draw();
  }

  draw() {
    const there = this.weight?.conversation === this.session.current;
    this.root.hidden = !there;
    if (!there) return;
    const { room, context } = this.weight;
    const { used, leftOut } = fullness(this.weight, this.page.composer.box.value, this.page.on.weightBeside?.());
    const percent = Math.min(100, Math.round((100 * used) / room));
    this.root.dataset.state = used > room ? "over" : leftOut ? "full" : "room";
    this.root.title = this.say("context_title", { used, room, rest: context - room });
    this.bar.setAttribute("aria-valuenow", String(percent));
    this.fill.style.width = `${percent}%`;
    setText(this.words, this.say("context_full", { percent }));
    setText(this.left, used > room ? this.say("context_over") : leftOut ? this.say("context_left_out", { count: leftOut }) : "");
  }
}
