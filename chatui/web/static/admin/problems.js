/** What failed lately, grouped by cause, with what can be done about it. */

import { element } from "../elements.js";
import { moment } from "./format.js";
import { say } from "./line.js";

export class Problems {
  /**
   * @param {HTMLElement} place
   * @param {() => void} ask for the groups
   */
  constructor(place, ask) {
    this.ask = ask;
    this.none = element("p", { class: "nothing" }, say("overview_no_failures"));
    this.list = element("ul", { class: "rows" });
    place.replaceChildren(this.none, this.list);
    this.show([]);
  }

  /** Something failed since the last point: ask what. */
  look(columns, point) {
    if (columns && point[columns.indexOf("failures") + 1] > 0) this.ask();
  }

  /** @param {{code: string, cause: string, advice: string, count: number, last: number, where: string}[]} groups the newest first */
  show(groups) {
    this.none.hidden = groups.length > 0;
    this.list.hidden = groups.length === 0;
    this.list.replaceChildren(...groups.map((group) => this.row(group)));
  }

  row({ code, cause, advice, count, last, where }) {
    const fact = say("overview_failed", { count, where, at: moment(last, true) });
    const words = element("div", {}, element("p", { class: "what" }, cause), element("p", { class: "fact" }, fact), element("p", { class: "hint" }, advice));
    return element("li", {}, words, element("a", { class: "button small", href: `/admin/failures#${code}` }, say("overview_look")));
  }
}
