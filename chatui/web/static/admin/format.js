/** Figures as people read them, with their units, in the page's language. */

import { language, say } from "./line.js";

const STEP = 1024;
/** Times as the browser's person writes them, as long as that is in the page's language. */
const LOCALE = navigator.languages.find((tag) => tag.startsWith(language)) ?? language;

/**
 * @param {number} value
 * @param {number} [digits] after the point at most
 */
export function number(value, digits = value < 10 ? 1 : 0) {
  return value.toLocaleString(language, { maximumFractionDigits: digits });
}

/** @param {number} count of bytes */
export function bytes(count) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let at = 0;
  while (count >= STEP && at < units.length - 1) {
    count /= STEP;
    at += 1;
  }
  return `${number(count, at > 2 ? 1 : 0)} ${units[at]}`;
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 60) return say("shell_seconds", { seconds: number(seconds) });
  if (seconds < 3600) return say("shell_minutes", { minutes: Math.floor(seconds / 60), seconds: Math.round(seconds % 60) });
  return say("shell_hours", { hours: Math.floor(seconds / 3600), minutes: Math.round((seconds % 3600) / 60) });
}

/** @param {number} count of tokens a second */
export function rate(count) {
  return say("shell_rate", { count: number(count) });
}

/** @param {number} percent */
export function percent(percent) {
  return `${number(percent, 0)} %`;
}

/** @type {Object<string, (value: number) => string>} by the kind of a figure */
export const as = {
  count: (value) => number(value),
  seconds: duration,
  bytes,
  percent,
  rate,
};

/**
 * @param {number} at in milliseconds
 * @param {boolean} [far] whether its day matters
 */
export function moment(at, far = false) {
  const day = far ? { month: "short", day: "numeric" } : {};
  return new Date(at).toLocaleString(LOCALE, { ...day, hour: "2-digit", minute: "2-digit" });
}
