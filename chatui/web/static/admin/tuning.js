/** The tuning page: how a measurement goes, and what it found; all of it live. */

import { element, setText } from "../elements.js";
import { Line, say } from "./line.js";
import { moment } from "./format.js";
import { Figures } from "./tuning_figures.js";

const OPEN = ["wanted", "running"];

const line = new Line({ "admin.tuning": (frame) => result.show(frame) });

class Result {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.about = element("p", { class: "fact" });
    this.said = element("p", { class: "finding", role: "status" });
    this.why = element("p", { class: "hint" });
    this.bar = element("progress", { "aria-labelledby": "result-heading" });
    this.stop = element("button", { type: "button", onclick: () => this.send({ t: "admin.tuning_stop" }) }, say("tuning_stop"));
    this.apply = element("button", { type: "button", class: "primary", onclick: () => this.send({ t: "admin.tuning_apply", run: this.run.id }) });
    this.set = element("p", { class: "fact" });
    this.undo = element("a", { href: "/admin/settings#history-heading" }, say("tuning_undo"));
    this.acts = element("div", { class: "acts" }, this.stop, this.apply, this.undo);
    place.append(this.said, this.about, this.bar, this.why, this.acts, this.set);
    this.figures = new Figures(document.getElementById("figures"));
    this.earlier = new Earlier(document.getElementById("earlier"));
    this.start = document.getElementById("tuning-start");
  }

  send(frame) {
    line.clear();
    line.send(frame);
  }

  /** @param {{workers: number | "auto", run: object | null, step: object | null, earlier: object[]}} frame */
  show({ workers, run, step, earlier }) {
    this.run = run;
    const isOpen = run !== null && OPEN.includes(run.state);
    const holds = run?.knee !== null && run?.knee === workers;
    setText(this.said, finding(run, step));
    this.said.classList.toggle("nothing", run === null);
    setText(this.about, about(run));
    setText(this.why, reason(run));
    this.bar.hidden = !isOpen;
    this.stop.hidden = !isOpen;
    this.apply.hidden = isOpen || !run?.knee || holds;
    setText(this.apply, run?.knee ? say("tuning_apply", { workers: run.knee }) : "");
    setText(this.set, holds ? say("tuning_applied", { workers }) : say("tuning_set", { workers }));
    this.undo.hidden = !holds;
    this.acts.hidden = [...this.acts.children].every((each) => each.hidden);
    if (this.start) this.start.disabled = isOpen;
    this.figures.show(run?.points ?? [], run?.knee ?? null);
    this.earlier.show(earlier);
  }
}

class Earlier {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.heads = ["when", "what", "how"].map((name) => say(`tuning_${name}`));
    this.body = element("tbody");
    const heads = element("tr", {}, ...this.heads.map((head) => element("th", { scope: "col" }, head)));
    place.append(element("table", { class: "stacked" }, element("thead", {}, heads), this.body));
  }

  /** @param {object[]} runs the newest first */
  show(runs) {
    const key = JSON.stringify(runs);
    if (key === this.key) return;
    this.key = key;
    this.place.hidden = runs.length === 0;
    this.body.replaceChildren(...runs.map((run) => this.row([moment(run.at, true), run.model, outcome(run)])));
  }

  row(cells) {
    return element("tr", {}, ...cells.map((cell, index) => element("td", { "data-label": this.heads[index] }, cell)));
  }
}

function finding(run, step) {
  if (run === null) return say("tuning_none");
  if (step) return say(`tuning_${step.phase}`, step);
  if (OPEN.includes(run.state)) return say("tuning_wanted");
  return run.knee ? say("tuning_recommended", { workers: run.knee }) : say(`tuning_end_${run.reason}`);
}

function about(run) {
  if (run === null || !run.backend) return "";
  const name = say("tuning_about", { model: run.model, backend: run.backend });
  return `${name} · ${moment(run.at, true)}`;
}

function reason(run) {
  if (run === null || OPEN.includes(run.state)) return "";
  if (run.knee) return `${say(`tuning_end_${run.reason}`)} ${say("tuning_rule")}`;
  return run.detail && `${say("shell_raw")}: ${run.detail}`;
}

function outcome(run) {
  return run.knee ? say("tuning_recommended", { workers: run.knee }) : say(`tuning_cut_${run.reason}`);
}

const result = new Result(document.getElementById("tuning"));

line.open(() => line.send({ t: "admin.tuning" }));
