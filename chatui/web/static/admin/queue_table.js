/** The queue as a live table, and what an admin does to it. */

import { element, setText } from "../elements.js";
import { iconButton } from "../icons.js";
import { duration, rate } from "./format.js";
import { say } from "./line.js";

const COLUMNS = ["person", "model", "stage", "waited", "expected"];

export class QueueTable {
  /**
   * @param {HTMLElement} place
   * @param {import("./line.js").Line} line
   */
  constructor(place, line) {
    this.line = line;
    /** @type {Map<string, HTMLElement>} rows by the job's id */
    this.rows = new Map();
    this.body = element("tbody");
    const heads = COLUMNS.map((name) => element("th", { scope: "col" }, say(`queue_${name}`)));
    const acts = element("th", { scope: "col" }, element("span", { class: "unseen" }, say("queue_acts")));
    this.table = element("table", { class: "stacked many" }, element("thead", {}, element("tr", {}, ...heads, acts)), this.body);
    this.none = element("p", { class: "nothing" }, say("queue_none"));
    this.state = element("p", { class: "note", role: "status", hidden: true });
    this.pause = element("button", { type: "button", class: "small", id: "queue-pause", onclick: () => this.turn() });
    this.drain = element("button", { type: "button", class: "small", id: "queue-drain", onclick: () => this.send({ t: "admin.drain" }) }, say("queue_drain"));
    this.drain.title = say("queue_drain_hint");
    const head = element("div", { class: "head" }, element("h2", {}, say("queue_title")), element("div", { class: "acts" }, this.pause, this.drain));
    place.replaceChildren(head, this.state, this.none, this.table);
  }

  send(frame) {
    this.line.clear();
    this.line.send(frame);
  }

  turn() {
    this.send({ t: this.isHeld ? "admin.resume" : "admin.pause" });
  }

  /** @param {{paused: boolean, draining: boolean, running: object[], waiting: object[]}} queue */
  show(queue) {
    this.isHeld = queue.paused || queue.draining;
    setText(this.pause, say(this.isHeld ? "queue_resume" : "queue_pause"));
    this.drain.hidden = queue.draining;
    setText(this.state, queue.draining ? say("queue_is_draining") : say("queue_is_paused"));
    this.state.hidden = !this.isHeld;
    const jobs = [...queue.running, ...queue.waiting];
    this.none.hidden = jobs.length > 0;
    this.table.hidden = jobs.length === 0;
    const before = new Map(queue.waiting.map((job, index) => [job.id, queue.waiting[index - 1]?.id]));
    this.place(jobs.map((job) => this.row(job, before)));
  }

  /** Rows go to their places; one that stands where it should is left alone, so that it keeps its focus. */
  place(rows) {
    rows.forEach((row, index) => {
      if (this.body.children[index] !== row) this.body.insertBefore(row, this.body.children[index] ?? null);
    });
    while (this.body.children.length > rows.length) this.body.lastChild.remove();
    const here = new Set(rows);
    for (const [id, row] of this.rows) if (!here.has(row)) this.rows.delete(id);
  }

  row(job, before) {
    const waits = before.has(job.id);
    let row = this.rows.get(job.id);
    if (!row || row.waits !== waits) {
      row = this.build(job.id, waits);
      this.rows.set(job.id, row);
    }
    row.ahead = before.get(job.id);
    if (waits) {
      row.up.disabled = row.first.disabled = !row.ahead;
      row.pass.disabled = job.turn === "pass";
    }
    const texts = [job.person, job.model, waits ? waitingStage(job) : runningStage(job), duration(job.waited_s), waits ? expected(job) : ""];
    texts.forEach((text, index) => setText(row.texts[index], text));
    row.texts[2].className = `state ${waits ? (job.stage === "retry" ? "fair" : "") : "good"}`;
    return row;
  }

  build(id, waits) {
    const texts = COLUMNS.map(() => element("span"));
    const cells = texts.map((text, index) => element("td", { "data-label": say(`queue_${COLUMNS[index]}`) }, text));
    const row = element("tr", { "data-job": id, class: waits ? "waits" : "runs" }, ...cells);
    const act = (name, icon, frame) => iconButton({ icon, name: say(`queue_${name}`), size: 16, class: "small icon-only", onclick: () => this.send(frame()) });
    const stop = act("stop", "stop", () => ({ t: "admin.stop", job: id }));
    const acts = [stop];
    if (waits) {
      row.first = act("first", "top", () => ({ t: "admin.first", job: id }));
      row.up = act("up", "send", () => ({ t: "admin.move", job: id, before: row.ahead }));
      row.pass = act("pass", "forward", () => ({ t: "admin.pass", job: id }));
      acts.unshift(row.first, row.up, row.pass);
    }
    row.append(element("td", { class: "acts-cell" }, element("div", { class: "acts" }, ...acts)));
    return Object.assign(row, { texts, waits });
  }
}

function runningStage(job) {
  const stage = say(`queue_stage_${job.stage}`);
  if (!job.tokens) return stage;
  const speed = job.speed ? ` · ${rate(job.speed)}` : "";
  return `${stage} · ${say("queue_tokens", { count: job.tokens })}${speed}`;
}

function waitingStage(job) {
  if (job.stage === "loading") return say("queue_stage_loading");
  const place = job.place ? say("queue_place", { place: job.place }) : say("queue_stage_queued");
  const why = job.background ? "background" : job.turn === "pass" ? "pass" : job.waits;
  return why && why !== "turn" ? `${place} · ${say(`queue_waits_${why}`)}` : place;
}

function expected({ expected_s: interval, guess_s: guess }) {
  if (interval) return say("shell_seconds", { seconds: `${Math.round(interval[0])}–${Math.ceil(interval[1])}` });
  return guess === null || guess === undefined ? say("queue_unknown") : `≈ ${duration(Math.round(guess))}`;
}
