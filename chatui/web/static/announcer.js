/** What screen readers hear of a waiting line: its news, the last one of every few seconds. */

import { element } from "./elements.js";

const AT_MOST_EVERY_MS = 5000;

/**
 * @param {HTMLElement} place
 * @returns {(sentence: string) => void}
 */
export function announcer(place) {
  const region = element("div", { class: "unseen", "aria-live": "polite", "aria-atomic": "true" });
  place.append(region);
  let latest = "";
  let timer = 0;
  let spokenAt = -AT_MOST_EVERY_MS;

  const speak = () => {
    timer = 0;
    spokenAt = performance.now();
    region.textContent = latest;
  };

  return (sentence) => {
    if (sentence === latest) return;
    latest = sentence;
    timer ||= setTimeout(speak, Math.max(0, spokenAt + AT_MOST_EVERY_MS - performance.now()));
  };
}
