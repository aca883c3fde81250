/** The overview: figures, the queue, what is loaded, charts; all of it live. */

import { Charts } from "./charts.js";
import { Line } from "./line.js";
import { Problems } from "./problems.js";
import { QueueTable } from "./queue_table.js";
import { Loaded } from "./servers.js";
import { Tiles } from "./tiles.js";

const LIVE = "15m";

const line = new Line({
  "admin.queue": (frame) => {
    queue.show(frame);
    loaded.show(frame);
    tiles.now("waiting", frame.waiting.length);
    tiles.now("running", frame.running.length);
  },
  "admin.chart": (frame) => {
    charts.take(frame);
    if (frame.window === LIVE) tiles.take(frame);
  },
  "admin.point": ({ point }) => {
    tiles.add(point);
    charts.add(point);
    problems.look(tiles.columns, point);
  },
  "admin.failures": (frame) => problems.show(frame.groups),
});
const queue = new QueueTable(document.getElementById("queue"), line);
const loaded = new Loaded(document.getElementById("loaded"));
const problems = new Problems(document.getElementById("failures"), () => line.send({ t: "admin.failures" }));
const tiles = new Tiles();
const charts = new Charts(document.getElementById("charts"), (window) => line.send({ t: "admin.chart", window }));

line.open(() => {
  line.send({ t: "admin.watch" });
  line.send({ t: "admin.failures" });
  line.send({ t: "admin.chart", window: LIVE });
  if (charts.window !== LIVE) line.send({ t: "admin.chart", window: charts.window });
});
