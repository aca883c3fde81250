/** The form that asks for what a prompt leaves open. */

import { buttons, Dialog } from "./dialog.js";
import { element } from "./elements.js";
import { filledIn, placesIn } from "./placeholders.js";

/**
 * Fill in a prompt; one without places is taken as it is.
 * @param {import("./words.js").Say} say
 * @param {{name: string, text: string}} prompt
 * @param {(text: string) => void} take
 */
export function fillIn(say, prompt, take) {
  const places = placesIn(prompt.text);
  if (!places.length) return take(prompt.text);
  const dialog = new Dialog(say, prompt.name);
  const fields = places.map(({ name, initial }) => [name, field(initial || today(name, document.documentElement.lang))]);
  const given = (event) => {
    event.preventDefault();
    dialog.close();
    take(filledIn(prompt.text, new Map(fields.map(([name, box]) => [name, box.value.trim()]))));
  };
  const form = element("form", { class: "dialog-form", onsubmit: given }, ...fields.map(([name, box]) => labelled(name, box)), buttons(say, dialog, say("fill_insert")));
  form.addEventListener("keydown", (event) => walk(event, form, fields.map(([, box]) => box)));
  dialog.show(form);
  fields[0][1].focus();
}

function field(initial) {
  const box = element("textarea", { class: "field fill-field", rows: 1, autocomplete: "off" });
  box.value = initial;
  return box;
}

function labelled(name, box) {
  return element("label", { class: "manner-field" }, element("span", {}, name), box);
}

/** A place called by this name begins with the day. */
function today(name, language) {
  return /^(date|today|日期|今天)$/i.test(name) ? new Date().toLocaleDateString(language, { dateStyle: "long" }) : "";
}

/** Enter goes on to the next field and, behind the last, ends the form, as it sends in the box; with Shift it breaks the line. */
function walk(event, form, boxes) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  const at = boxes.indexOf(event.target);
  if (at < 0) return;
  event.preventDefault();
  if (at + 1 < boxes.length) boxes[at + 1].focus();
  else form.requestSubmit();
}
