/** Copying, also where the browser has no clipboard for pages without TLS. */

import { icon } from "./icons.js";

const SHOWN_FOR_MS = 1600;

/**
 * Copy a text; the button says for a moment that it happened.
 * @param {string} text
 * @param {HTMLButtonElement} button
 * @param {{copy: string, copied: string}} names
 */
export async function copyText(text, button, names) {
  if (!(await toClipboard(text))) return;
  show(button, "check", names.copied);
  setTimeout(() => show(button, "copy", names.copy), SHOWN_FOR_MS);
}

function show(button, drawing, name) {
  button.replaceChildren(icon(drawing, 16));
  button.setAttribute("aria-label", name);
  button.title = name;
}

/** @returns {Promise<boolean>} whether it could be put there */
export async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A team reaches this page without TLS, where navigator.clipboard does not exist.
    return writeBySelection(text);
  }
}

function writeBySelection(text) {
  const before = document.activeElement;
  const carrier = document.createElement("textarea");
  carrier.value = text;
  carrier.className = "unseen";
  document.body.append(carrier);
  carrier.select();
  const copied = document.execCommand("copy");
  carrier.remove();
  before?.focus?.({ preventScroll: true });
  return copied;
}
