/** The one line between this page and the server: it comes back by itself and says when it is gone. */

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5000;
/** A line that is back within a second is nobody's business. */
const OFFLINE_AFTER_MS = 1000;
const PING_EVERY_MS = 20000;
/** Silence after a ping: the network is gone and nobody told the socket (sleep, a lost access point). */
const PONG_WITHIN_MS = 6000;
/** The server's word for a line whose session is over. */
const SESSION_OVER = 4401;

export class Connection {
  /**
   * @param {string} url
   * @param {{hello: () => object, onFrame: (frame: object) => void, onUp: () => void, onDown: () => void, onOver: () => void}} told
   *   `hello` makes the first frame of every connection; `onUp` follows it; `onDown` is told once the line was gone for a second;
   *   `onOver` when nobody is signed in here any more
   */
  constructor(url, told) {
    this.url = url;
    this.told = told;
    this.failures = 0;
    this.socket = null;
    this.timers = { retry: 0, offline: 0, ping: 0, pong: 0 };
    window.addEventListener("online", () => this.nudge());
    window.addEventListener("offline", () => this.probe());
    document.addEventListener("visibilitychange", () => document.hidden || this.nudge());
    window.addEventListener("pageshow", (event) => event.persisted && this.nudge());
  }

  get up() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    clearTimeout(this.timers.retry);
    this.timers.offline ||= setTimeout(() => this.told.onDown(), OFFLINE_AFTER_MS);
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.addEventListener("open", () => this.opened(socket));
    socket.addEventListener("message", (event) => this.received(socket, event.data));
    socket.addEventListener("close", (event) => (event.code === SESSION_OVER ? this.told.onOver() : this.lost(socket)));
  }

  /**
   * @param {object} frame
   * @returns {boolean} whether it went onto the wire
   */
  send(frame) {
    if (!this.up) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Something changed for the better: try now, or make sure that an open line still answers. */
  nudge() {
    if (this.up) this.probe();
    else if (this.socket?.readyState !== WebSocket.CONNECTING) this.connect();
  }

  opened(socket) {
    if (socket !== this.socket) return;
    this.failures = 0;
    clearTimeout(this.timers.offline);
    this.timers.offline = 0;
    this.timers.ping = setInterval(() => this.probe(), PING_EVERY_MS);
    this.send(this.told.hello());
    this.told.onUp();
  }

  received(socket, data) {
    if (socket !== this.socket) return;
    clearTimeout(this.timers.pong);
    this.timers.pong = 0;
    this.told.onFrame(JSON.parse(data));
  }

  /** A ping whose answer (or any other frame) must come soon, else the line is given up. */
  probe() {
    if (!this.send({ t: "ping" })) return;
    this.timers.pong ||= setTimeout(() => this.abandon(), PONG_WITHIN_MS);
  }

  abandon() {
    const socket = this.socket;
    socket?.close();
    // A dead network lets close() wait for minutes: do not wait for its event.
    if (socket) this.closed(socket);
  }

  /** A line that never came up may have been refused: the socket does not say so, the server does when asked. */
  async lost(socket) {
    if (socket !== this.socket) return;
    const refused = !this.timers.ping && (await isSignedOut());
    if (refused) this.told.onOver();
    else this.closed(socket);
  }

  closed(socket) {
    if (socket !== this.socket) return;
    this.socket = null;
    clearInterval(this.timers.ping);
    this.timers.ping = 0;
    clearTimeout(this.timers.pong);
    this.timers.pong = 0;
    this.timers.offline ||= setTimeout(() => this.told.onDown(), OFFLINE_AFTER_MS);
    this.timers.retry = setTimeout(() => this.connect(), this.delay());
  }

  delay() {
    const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.failures);
    this.failures += 1;
    // Spread, so that a whole team does not come back in the same instant.
    return longest * (0.75 + Math.random() * 0.25);
  }
}

async function isSignedOut() {
  try {
    return (await fetch("/session")).status === 401;
  } catch {
    return false;
  }
}

/**
 * The address of the live line beside this page.
 * @param {Location} location
 * @returns {string}
 */
export function liveAddress(location) {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`;
}
