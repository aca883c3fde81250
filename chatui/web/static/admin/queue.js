/** The page of the queue: everybody in it, and the servers that answer. */

import { Line } from "./line.js";
import { QueueTable } from "./queue_table.js";
import { Servers } from "./servers.js";

const line = new Line({
  "admin.queue": (frame) => {
    queue.show(frame);
    servers.show(frame);
  },
});
const queue = new QueueTable(document.getElementById("queue"), line);
const servers = new Servers(document.getElementById("servers"), line);

line.open(() => line.send({ t: "admin.watch" }));
