/** The live line of an admin's page: the same one as the chat page's, with its own words. */

import { signInAddress } from "../address.js";
import { Connection, liveAddress } from "../connection.js";
import { wording } from "../words.js";
import { element, setText } from "../elements.js";

/** The language that the server drew the page in. */
export const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

export const say = wording(document, language);

export class Line {
  /** @param {Object<string, (frame: object) => void>} takes by the frame's word */
  constructor(takes) {
    this.takes = { refused: (frame) => this.tell(frame.sentence), ...takes };
    this.said = element("p", { class: "problem", role: "alert", hidden: true });
    document.querySelector(".head").after(this.said);
    this.connection = new Connection(liveAddress(window.location), {
      // A tab of this kind shows no conversation, so none of them is seen by it.
      hello: () => ({ t: "hello", language, conversation: null, resume: null, away: true }),
      onFrame: (frame) => this.takes[frame.t]?.(frame),
      onUp: () => this.up(),
      onDown: () => this.down(),
      onOver: () => window.location.assign(signInAddress(window.location)),
    });
  }

  /** @param {() => void} begin is called each time the line is up */
  open(begin) {
    this.begin = begin;
    this.connection.connect();
  }

  /** @param {object} frame */
  send(frame) {
    return this.connection.send(frame);
  }

  up() {
    document.body.classList.remove("offline");
    if (this.isDown) this.said.hidden = true;
    this.isDown = false;
    this.begin();
  }

  down() {
    document.body.classList.add("offline");
    this.isDown = true;
    const at = new Date().toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
    this.tell(say("shell_offline", { at }));
  }

  /** @param {string} sentence why something was not done */
  tell(sentence) {
    setText(this.said, sentence);
    this.said.hidden = false;
  }

  /** What was told holds no longer: somebody does something else. */
  clear() {
    if (!this.isDown) this.said.hidden = true;
  }
}
