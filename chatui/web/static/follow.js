/** The view follows the end of the transcript only for those who read there. */

import { iconButton } from "./icons.js";

/** Readers this close to the end are at the end. */
const NEAR_PX = 80;

export class Follow {
  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} content what grows inside it
   * @param {HTMLElement} place where the button to the end goes
   * @param {import("./words.js").Say} say
   */
  constructor(scroller, content, place, say) {
    this.scroller = scroller;
    this.following = true;
    this.last = 0;
    this.button = iconButton({ icon: "down", name: say("to_end"), class: "to-end", onclick: () => this.toEnd() });
    this.button.hidden = true;
    place.append(this.button);
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    const sizes = new ResizeObserver(() => this.keep());
    sizes.observe(scroller);
    sizes.observe(content);
  }

  /** Something grew: stay at the end if that is where the reader is. */
  keep() {
    if (this.following) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.button.hidden = this.following || this.distance() < NEAR_PX;
  }

  /** Something else comes to be shown: go to its end once it is there. Asking for its size now would lay out what goes. */
  startAtEnd() {
    this.following = true;
    this.button.hidden = true;
  }

  /** Go to the end and follow it from now on. */
  toEnd() {
    this.following = true;
    this.keep();
  }

  /** Have something put in above without moving what is read. */
  hold(put) {
    const below = this.scroller.scrollHeight - this.scroller.scrollTop;
    put();
    this.scroller.scrollTop = this.scroller.scrollHeight - below;
    this.last = this.scroller.scrollTop;
  }

  /** Stay where the reader was taken to. */
  letGo() {
    this.following = false;
    this.last = this.scroller.scrollTop;
    this.button.hidden = this.distance() < NEAR_PX;
  }

  distance() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  scrolled() {
    const top = this.scroller.scrollTop;
    // Upwards by hand lets go at once, even within the near zone: otherwise the next token pulls the reader back.
    if (top < this.last - 1 && this.distance() > 1) this.following = false;
    else if (this.distance() < NEAR_PX) this.following = true;
    this.last = top;
    this.button.hidden = this.following || this.distance() < NEAR_PX;
  }
}
