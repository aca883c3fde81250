/** Binds the shortcuts of the whole page. */

import { meant } from "./key_table.js";

/** @param {import("./commands.js").Commands} commands */
export function listenForKeys(commands) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    const does = meant(event);
    // What lies over the page has keys of its own; the sheet of the shortcuts closes by the one that opened it.
    if (does === null || (document.querySelector("dialog[open]") && does !== "help")) return;
    const idle = commands[does]() === false;
    if (!idle) event.preventDefault();
  });
}
