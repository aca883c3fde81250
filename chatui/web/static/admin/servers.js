/** The servers with what runs there, and the models in their memory. */

import { element } from "../elements.js";
import { bytes, duration, moment } from "./format.js";
import { say } from "./line.js";

/** Draw a table only when what it says changed, so that nobody's focus is lost. */
class Table {
  constructor(place, heads, none) {
    this.body = element("tbody");
    this.table = element("table", { class: "stacked" }, element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))), this.body);
    this.heads = heads;
    this.none = element("p", { class: "nothing" }, none);
    place.replaceChildren(this.none, this.table);
  }

  show(rows, build) {
    const key = JSON.stringify(rows);
    if (key === this.key) return;
    this.key = key;
    this.none.hidden = rows.length > 0;
    this.table.hidden = rows.length === 0;
    this.body.replaceChildren(...rows.map((row) => this.row(build(row))));
  }

  row(cells) {
    return element("tr", {}, ...cells.map((cell, index) => element("td", { "data-label": this.heads[index], class: this.heads[index] ? null : "acts-cell" }, cell)));
  }
}

export class Loaded {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.table = new Table(place, ["model", "backend", "size", "until"].map((name) => say(`overview_${name}`)), say("overview_none_loaded"));
  }

  /** @param {{loaded: object[], loading: object[]}} queue */
  show({ loaded, loading }) {
    const coming = loading.map(({ model, backend, seconds }) => ({ model, backend, seconds }));
    this.table.show([...coming, ...loaded], (row) => [row.model, row.backend, size(row), until(row)]);
  }
}

export class Servers {
  /**
   * @param {HTMLElement} place
   * @param {import("./line.js").Line} line
   */
  constructor(place, line) {
    this.line = line;
    const heads = ["server", "answers", "load"].map((name) => say(`queue_${name}`));
    this.table = new Table(place, [...heads, ""], say("queue_no_servers"));
  }

  /** @param {{backends: object[]}} queue */
  show({ backends }) {
    this.table.show(backends, (server) => [server.name, this.state(server), load(server), this.button(server)]);
  }

  state({ healthy, paused }) {
    const [kind, word] = paused ? ["fair", "paused"] : healthy ? ["good", "healthy"] : ["bad", "silent"];
    return element("span", { class: `state ${kind}` }, say(`queue_server_${word}`));
  }

  button({ name, paused }) {
    const word = paused ? "resume" : "pause";
    const send = () => this.line.send({ t: `admin.${word}`, backend: name });
    return element("button", { type: "button", class: "small", "aria-label": `${say(`queue_${word}`)}: ${name}`, onclick: send }, say(`queue_${word}`));
  }
}

function load({ running, limit, fixed }) {
  return say(fixed ? "queue_load_fixed" : "queue_load_auto", { running, limit });
}

function size({ bytes: count, vram }) {
  if (!count) return "";
  return vram ? say("overview_on_card", { size: bytes(count), card: bytes(vram) }) : bytes(count);
}

function until({ seconds, until: at }) {
  if (seconds !== undefined) return say("overview_loading", { time: duration(seconds ?? 0) });
  return at ? moment(at) : say("overview_until_unknown");
}
