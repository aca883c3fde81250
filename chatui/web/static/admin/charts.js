/** All the charts, over one time axis, and who had which share of the computing. */

import { element, setText } from "../elements.js";
import { Chart } from "./chart.js";
import { moment } from "./format.js";
import { say } from "./line.js";
import { Shares } from "./shares.js";

const CHARTS = [
  { name: "queue", kind: "count", series: ["waiting_high", "waiting_normal", "waiting_low", "running"], least: 2 },
  { name: "wait", kind: "seconds", series: ["wait_p50", "wait_p95"], least: 1 },
  { name: "first", kind: "seconds", series: ["first_p50", "first_p95"], least: 1 },
  { name: "speed", kind: "rate", series: ["tokens"], least: 1, counts: true },
  { name: "answers", kind: "count", series: ["done", "stopped", "failures"], least: 2, counts: true },
  { name: "loads", kind: "count", series: ["swaps"], least: 2, counts: true },
  { name: "eta", kind: "percent", series: ["eta_met"], least: 100 },
  { name: "processor", kind: "percent", series: ["cpu", "gpu"], least: 100 },
  { name: "app", kind: "percent", series: ["cpu_app"], least: 10 },
  { name: "memory", kind: "bytes", series: ["memory_used", "gpu_memory_used"], limit: "memory_total" },
  { name: "disk", kind: "bytes", series: ["disk_free"] },
];
const LENGTH_MS = { "15m": 900_000, "24h": 86_400_000, "30d": 30 * 86_400_000 };
/** A window that is not the live one is asked for anew so often. */
const AGAIN_MS = 60_000;

export class Charts {
  /**
   * @param {HTMLElement} place
   * @param {(window: string) => void} ask for the points of a window
   */
  constructor(place, ask) {
    this.ask = ask;
    this.window = "15m";
    this.charts = CHARTS.map((about) => new Chart(about, (at) => this.pointAt(at)));
    this.shares = new Shares();
    this.at = element("span", { class: "fact", "aria-hidden": "true" });
    this.buttons = Object.keys(LENGTH_MS).map((each) => this.button(each));
    const choice = element("div", { class: "windows", role: "group", "aria-label": say("charts_window") }, ...this.buttons);
    place.append(
      element("div", { class: "head" }, element("h2", {}, say("charts_title")), this.at, choice),
      element("div", { class: "charts" }, ...this.charts.map((chart) => chart.root), this.shares.root),
    );
    setInterval(() => this.window !== "15m" && !document.hidden && this.ask(this.window), AGAIN_MS);
  }

  button(each) {
    const choose = { type: "button", class: "small", "aria-pressed": String(each === this.window), onclick: () => this.choose(each) };
    return element("button", choose, say(`charts_${each}`));
  }

  choose(window) {
    this.window = window;
    Object.keys(LENGTH_MS).forEach((each, index) => this.buttons[index].setAttribute("aria-pressed", String(each === window)));
    this.ask(window);
  }

  /** @param {object} frame of the window that was asked for */
  take(frame) {
    if (frame.window !== this.window) return;
    this.data = frame;
    this.draw(frame.to);
    this.shares.show(frame.people);
  }

  /** @param {(number | null)[]} point the newest */
  add(point) {
    if (this.window !== "15m" || !this.data) return;
    this.data.points.push(point);
    const oldest = point[0] - LENGTH_MS["15m"];
    while (this.data.points[0][0] < oldest) this.data.points.shift();
    if (!document.hidden && this.pointed === undefined) this.draw(point[0]);
  }

  draw(to) {
    const { columns, points, step_ms: step } = this.data;
    for (const chart of this.charts) chart.draw({ columns, points, step, from: to - LENGTH_MS[this.window], to });
  }

  pointAt(at) {
    this.pointed = at ?? undefined;
    setText(this.at, at === null ? "" : moment(at, this.window === "30d"));
    for (const chart of this.charts) chart.pointAt(at);
  }
}
