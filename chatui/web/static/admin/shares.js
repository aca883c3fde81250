/** Who had which share of the computing, beside what their weight makes due. */

import { element } from "../elements.js";
import { percent, duration } from "./format.js";
import { say } from "./line.js";
import { svg } from "./svg.js";

const MOST = 12;

export class Shares {
  constructor() {
    this.list = element("ul", { class: "shares" });
    this.why = element("p", { class: "why" }, say("charts_none_shares"));
    this.root = element("figure", { class: "chart", id: "chart-shares" }, element("figcaption", {}, say("charts_shares")), this.list, this.why);
  }

  /** @param {{name: string, seconds: number, share: number, due: number}[]} people who had most first */
  show(people) {
    this.why.hidden = people.length > 0;
    this.list.replaceChildren(...people.slice(0, MOST).map((person) => this.row(person)));
  }

  row({ name, seconds, share, due }) {
    const words = say("charts_share", { share: percent(share), due: percent(due), seconds: duration(seconds) });
    const bar = svg("svg", { class: "bar-plot", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" });
    bar.append(
      svg("rect", { class: "bar-ground", x: 0, y: 2, width: 100, height: 4 }),
      svg("rect", { class: "bar-share", x: 0, y: 2, width: share, height: 4 }),
      svg("rect", { class: "bar-due", x: Math.min(due, 99.4), y: 0, width: 0.6, height: 8 }),
    );
    return element("li", {}, element("span", { class: "what" }, name), element("span", { class: "fact" }, words), bar);
  }
}
