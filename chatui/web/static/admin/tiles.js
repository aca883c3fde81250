/** The strip of five figures, each with its last quarter of an hour. */

import { element, setText } from "../elements.js";
import { as } from "./format.js";
import { ceiling, path, svg } from "./svg.js";

const WIDTH = 120;
const HEIGHT = 24;
const QUARTER_MS = 900_000;

/** The column of each figure, what kind it is, and what its line is measured by. */
const TILES = {
  waiting: { column: "waiting", kind: "count" },
  running: { column: "running", kind: "count" },
  first: { column: "first_p95", kind: "seconds", keeps: true },
  speed: { column: "tokens", kind: "rate" },
  memory: { column: "memory_used", kind: "bytes", limit: "memory_total" },
};

export class Tiles {
  constructor() {
    this.tiles = Object.entries(TILES).map(([name, about]) => ({ ...about, root: document.getElementById(`tile-${name}`) }));
    for (const tile of this.tiles) {
      tile.spark = svg("svg", { class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
      tile.root.append(tile.spark);
    }
  }

  /** @param {{columns: string[], points: (number | null)[][], step_ms: number}} chart of the last quarter of an hour */
  take({ columns, points, step_ms: step }) {
    this.columns = columns;
    this.points = points.slice();
    this.step = step;
    this.draw();
  }

  /** @param {(number | null)[]} point the newest */
  add(point) {
    if (!this.columns) return;
    this.points.push(point);
    while (this.points[0][0] < point[0] - QUARTER_MS) this.points.shift();
    if (!document.hidden) this.draw();
  }

  /** What is so at this moment, between two points. */
  now(name, value) {
    setText(this.tiles.find((tile) => tile.column === name).root.querySelector(".number"), as.count(value));
  }

  draw() {
    for (const tile of this.tiles) this.drawTile(tile);
  }

  drawTile({ root, spark, column, kind, limit, keeps }) {
    const at = this.columns.indexOf(column) + 1;
    const line = this.points.map((point) => [point[0], point[at]]);
    const figures = line.map((pair) => pair[1]).filter((value) => value !== null);
    const newest = keeps ? figures.at(-1) : line.at(-1)?.[1];
    const whole = limit ? this.points.at(-1)?.[this.columns.indexOf(limit) + 1] : null;
    const to = this.points.at(-1)?.[0] ?? 0;
    const top = whole || ceiling(Math.max(1, ...figures));
    const x = (moment) => WIDTH - ((to - moment) / QUARTER_MS) * WIDTH;
    const y = (value) => HEIGHT - 2 - Math.min(value / top, 1) * (HEIGHT - 4);
    spark.replaceChildren(svg("path", { class: "line series-1", d: path(line, x, y, keeps ? Infinity : this.step * 2.5) }));
    setText(root.querySelector(".number"), newest === null || newest === undefined ? "–" : as[kind](newest));
    const note = root.querySelector(".of");
    if (note && whole) setText(note, `/ ${as.bytes(whole)}`);
  }
}
