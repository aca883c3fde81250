/** One chart over time, drawn as SVG. All charts of a page share their time axis, and the moment that is pointed at. */

import { element, setText } from "../elements.js";
import { as, moment } from "./format.js";
import { say } from "./line.js";
import { ceiling, path, svg } from "./svg.js";

export const HEIGHT = 112;
export const TOP = 16;
export const FOOT = 18;
const DAY_MS = 86_400_000;

export class Chart {
  /**
   * @param {{name: string, kind: keyof typeof as, series: string[], least?: number, limit?: string}} about `series` are columns;
   *   `limit` is the column of which the newest figure is the top of the axis
   * @param {(at: number | null) => void} point is told at which moment somebody points
   */
  constructor(about, point) {
    this.about = about;
    this.values = about.series.map(() => element("span", { class: "amount" }));
    const names = about.series.map((name, index) =>
      element("li", { class: `series series-${index + 1}` }, element("span", { class: "series-name" }, say(`charts_${name}`)), this.values[index]),
    );
    this.why = element("p", { class: "why", hidden: true }, say(`charts_none_${about.name}`));
    this.plot = svg("svg", { class: "plot", height: HEIGHT, role: "img", "aria-label": say(`charts_${about.name}`) });
    this.names = names;
    this.legend = element("ul", { class: "legend" }, ...names);
    this.root = element("figure", { class: "chart", id: `chart-${about.name}` }, element("figcaption", {}, say(`charts_${about.name}`)), this.legend, this.plot, this.why);
    this.plot.addEventListener("pointermove", (event) => point(this.momentAt(event)));
    this.plot.addEventListener("pointerleave", () => point(null));
    new ResizeObserver(() => this.data && this.draw(this.data)).observe(this.root);
  }

  /** @param {{columns: string[], points: (number | null)[][], from: number, to: number, step: number}} data */
  draw(data) {
    this.data = data;
    const columns = this.about.series.map((name) => data.columns.indexOf(name) + 1);
    this.lines = columns.map((column) => data.points.map((point) => [point[0], point[column]]));
    // A series that this machine does not have, such as a graphics card, is not named.
    this.lines.forEach((line, index) => (this.names[index].hidden = line.every((pair) => pair[1] === null)));
    const figures = this.lines.flat().map((pair) => pair[1]).filter((value) => value !== null);
    const there = this.about.counts ? figures.some((value) => value > 0) : figures.length > 0;
    this.why.hidden = there;
    this.plot.toggleAttribute("hidden", !there);
    this.legend.hidden = !there;
    if (there) this.drawPlot(data, figures);
  }

  drawPlot({ from, to, step, columns, points }, figures) {
    const width = this.root.clientWidth;
    if (!width) return;
    const limit = this.about.limit ? (points.at(-1)?.[columns.indexOf(this.about.limit) + 1] ?? 0) : 0;
    const top = limit || ceiling(Math.max(this.about.least ?? 0, ...figures), this.about.kind === "bytes");
    const x = (at) => ((at - from) / (to - from)) * width;
    const y = (value) => TOP + (1 - Math.min(value / top, 1)) * (HEIGHT - TOP - FOOT);
    this.x = x;
    this.y = y;
    this.width = width;
    this.cursor = svg("line", { class: "cursor", y1: TOP, y2: HEIGHT - FOOT, x1: -9, x2: -9 });
    this.plot.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const lines = this.lines.map((line, index) => svg("path", { class: `line series-${index + 1}`, d: path(line, x, y, step * 2.5) }));
    this.plot.replaceChildren(...this.grid(top, y, width), ...this.times(from, to, x), ...lines.reverse(), this.cursor);
    this.pointAt(null);
  }

  grid(top, y, width) {
    const show = as[this.about.kind];
    return [top, top / 2, 0].flatMap((value) => {
      const line = svg("line", { class: "grid", x1: 0, x2: width, y1: y(value), y2: y(value) });
      return value ? [line, svg("text", { class: "tick-y", x: 0, y: y(value) - 3 }, show(value))] : [line];
    });
  }

  times(from, to, x) {
    const far = to - from > DAY_MS;
    return [0.25, 0.5, 0.75].map((share) => {
      const at = from + (to - from) * share;
      return svg("text", { class: "tick-x", x: x(at), y: HEIGHT - 4 }, moment(at, far));
    });
  }

  momentAt(event) {
    const { from, to } = this.data;
    const box = this.plot.getBoundingClientRect();
    return from + ((event.clientX - box.left) / box.width) * (to - from);
  }

  /** Show the figures of a moment; those of the newest point for null. */
  pointAt(at) {
    if (!this.lines || this.legend.hidden) return;
    const index = at === null ? this.lines[0].length - 1 : nearest(this.lines[0], at);
    const place = at === null ? -9 : this.x(this.lines[0][index][0]);
    this.cursor?.setAttribute("x1", place);
    this.cursor?.setAttribute("x2", place);
    this.lines.forEach((line, each) => {
      const value = at === null ? lastOf(line) : line[index]?.[1];
      setText(this.values[each], value === null || value === undefined ? "–" : as[this.about.kind](value));
    });
  }
}

function lastOf(line) {
  return line.at(-1)?.[1] ?? null;
}

function nearest(line, at) {
  let best = 0;
  line.forEach(([moment], index) => {
    if (Math.abs(moment - at) < Math.abs(line[best][0] - at)) best = index;
  });
  return best;
}
