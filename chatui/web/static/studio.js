/** Where diagrams are drawn: a frame beside the page, made when the first one is there. */

const PATH = "/diagrams";
const WITHIN_MS = 20_000;

class Studio {
  constructor() {
    this.frame = null;
    this.number = 0;
    /** @type {Map<number, (svg: string | null) => void>} */
    this.waiting = new Map();
  }

  /**
   * @param {string} source
   * @param {boolean} dark
   * @returns {Promise<string | null>} SVG; null where it cannot be drawn
   */
  async draw(source, dark) {
    this.ready ??= this.open();
    if (!(await this.ready)) return null;
    const id = (this.number += 1);
    const drawn = new Promise((resolve) => {
      this.waiting.set(id, resolve);
      setTimeout(resolve, WITHIN_MS, null);
    });
    this.frame.contentWindow.postMessage({ id, source, dark }, window.location.origin);
    return drawn.finally(() => this.waiting.delete(id));
  }

  /** @returns {Promise<boolean>} whether it came */
  open() {
    this.frame = document.createElement("iframe");
    Object.assign(this.frame, { src: PATH, className: "studio", title: "", tabIndex: -1 });
    this.frame.setAttribute("aria-hidden", "true");
    return new Promise((resolve) => {
      window.addEventListener("message", (event) => this.heard(event, resolve));
      setTimeout(resolve, WITHIN_MS, false);
      document.body.append(this.frame);
    });
  }

  heard({ source, origin, data }, ready) {
    if (source !== this.frame.contentWindow || origin !== window.location.origin) return;
    if (data.ready) ready(true);
    else this.waiting.get(data.id)?.(typeof data.svg === "string" ? data.svg : null);
  }
}

export const studio = new Studio();
