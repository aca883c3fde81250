/** What was measured: charts over the number of workers, and the figures below them. */

import { element } from "../elements.js";
import { Chart, FOOT, HEIGHT, TOP } from "./chart.js";
import { as, number } from "./format.js";
import { say } from "./line.js";
import { svg } from "./svg.js";

const COLUMNS = ["tokens_per_second", "first_token", "used_bytes"];
const CHARTS = [
  { name: "by_rate", kind: "rate", series: ["tokens_per_second"], least: 1 },
  { name: "by_first", kind: "seconds", series: ["first_token"], least: 1 },
  { name: "by_memory", kind: "bytes", series: ["used_bytes"] },
];
const MOST_NUMBERS = 12;
/** Columns that a narrow page leaves out: they follow from the others. */
const MINOR = ["each", "rounds"];
const HEADS = ["workers", "rate", "each", "first", "memory", "rounds"];

export class Figures {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.charts = CHARTS.map((about) => new WorkersChart(about, (at) => this.pointAt(at)));
    this.heads = HEADS.map((name) => say(`tuning_${name}`));
    this.body = element("tbody");
    const heads = this.heads.map((head, index) => element("th", { scope: "col", class: kind(index) }, head));
    const table = element("table", { class: "figures" }, element("thead", {}, element("tr", {}, ...heads, element("th", {}, ""))), this.body);
    place.append(element("div", { class: "charts three" }, ...this.charts.map((chart) => chart.root)), element("div", { class: "wide part" }, table));
  }

  /**
   * @param {object[]} points by the number of workers
   * @param {number | null} knee
   */
  show(points, knee) {
    this.place.hidden = points.length === 0;
    const key = JSON.stringify([points, knee]);
    if (points.length === 0 || key === this.key) return;
    this.key = key;
    const to = points.at(-1).workers + 0.5;
    const rows = points.map((point) => [point.workers, ...COLUMNS.map((column) => point[column])]);
    for (const chart of this.charts) chart.draw({ columns: COLUMNS, points: rows, step: 1, from: 0.5, to, knee });
    this.body.replaceChildren(...points.map((point) => this.row(point, point.workers === knee)));
  }

  row(point, isKnee) {
    const { workers, rounds, tokens_per_second: rate, first_token: first, used_bytes: used } = point;
    const figures = [number(workers), as.rate(rate), as.rate(rate / workers), as.seconds(first), used === null ? "–" : as.bytes(used), number(rounds)];
    const cells = figures.map((figure, index) => element("td", { class: kind(index) }, figure));
    const mark = isKnee ? element("span", { class: "state good" }, say("tuning_best")) : "";
    return element("tr", {}, ...cells, element("td", {}, mark));
  }

  pointAt(at) {
    for (const chart of this.charts) chart.pointAt(at);
  }
}

function kind(index) {
  if (index === 0) return "amount start";
  return MINOR.includes(HEADS[index]) ? "amount minor" : "amount";
}

/** A chart over the number of workers, which shows the figures of the one that is recommended. */
class WorkersChart extends Chart {
  drawPlot(data, figures) {
    super.drawPlot(data, figures);
    if (!this.root.clientWidth) return;
    const x = this.x(data.knee ?? -9);
    this.plot.append(svg("line", { class: "knee-line", x1: x, x2: x, y1: TOP, y2: HEIGHT - FOOT }), ...this.dots(data.knee));
    this.pointAt(null);
  }

  dots(knee) {
    const measured = this.lines[0].filter(([, value]) => value !== null);
    return measured.map(([workers, value]) => svg("circle", { class: "dot", cx: this.x(workers), cy: this.y(value), r: workers === knee ? 4.5 : 2.5 }));
  }

  times(from, to, x) {
    const numbers = Array.from({ length: Math.floor(to) }, (_, index) => index + 1);
    const every = Math.ceil(numbers.length / MOST_NUMBERS);
    return numbers.filter((each) => each % every === 0).map((each) => svg("text", { class: "tick-x", x: x(each), y: HEIGHT - 4 }, number(each)));
  }

  pointAt(at) {
    super.pointAt(at ?? this.data?.knee ?? null);
    if (at === null) for (const end of ["x1", "x2"]) this.cursor?.setAttribute(end, -9);
  }
}
