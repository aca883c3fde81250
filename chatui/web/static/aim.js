/** Whether somebody presses or aims at a part of the page: what moves away just then is missed. */

/** A pointer that has rested so long is no longer on its way to anything. */
const RESTS_MS = 300;

export class Aim {
  /**
   * @param {HTMLElement} root the part of the page
   * @param {() => void} over called when a pointer that was awaited has come to rest
   */
  constructor(root, over) {
    this.over = over;
    this.pressed = false;
    this.moved = -Infinity;
    this.timer = null;
    // Of the other buttons no release may come: a menu of the browser's takes it.
    root.addEventListener("pointerdown", ({ button }) => (this.pressed = button === 0));
    root.addEventListener("pointermove", () => (this.moved = performance.now()));
    root.addEventListener("pointerleave", () => (this.moved = -Infinity));
    // The click comes after this, and only to what stayed where it was from press to release.
    for (const released of ["pointerup", "pointercancel"]) window.addEventListener(released, () => window.setTimeout(() => this.release()));
  }

  get taken() {
    return this.pressed || performance.now() - this.moved < RESTS_MS;
  }

  /** Have `over` called once nobody aims any more. */
  await() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => (this.taken ? this.await() : this.over()), RESTS_MS / 2);
  }

  release() {
    if (!this.pressed) return;
    this.pressed = false;
    this.moved = -Infinity;
    this.over();
  }
}
