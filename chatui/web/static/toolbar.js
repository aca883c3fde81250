/** What can be done with an answer that is over, in the line below it. */

import { copyText } from "./clipboard.js";
import { element } from "./elements.js";
import { icon, iconButton } from "./icons.js";
import { Menu } from "./menu.js";
import { switcher } from "./switcher.js";

/** What can still be written on, and asks for it. */
const CUT = new Set(["interrupted", "limited"]);

/**
 * @param {import("./words.js").Say} say
 * @param {object} message
 * @param {object} actions `text`, `again`, `goOn`, `rate`, `quote`, `branch`, and `models` for the menu
 * @returns {Node[]}
 */
export function toolbar(say, message, actions) {
  const { state, text, again, rating, branches } = message;
  if (message.read_only) return text ? [copyButton(say, actions)] : [];
  const whole = state === "complete" || state === "limited";
  return [
    ...(branches?.length > 1 ? [switcher(say, message, actions.branch)] : []),
    ...(text ? [copyButton(say, actions)] : []),
    ...(text ? [rateButton(say, "good", 1, rating, actions), rateButton(say, "bad", -1, rating, actions)] : []),
    ...(whole ? [iconButton({ icon: "again", name: say("again"), size: 16, class: "again", onclick: () => actions.again(null) })] : []),
    moreMenu(say, message, actions).root,
    ...(message.continue && CUT.has(state) ? [wordsButton(say("continue"), "forward", "continue", actions.goOn)] : []),
    ...(again ? [wordsButton(say("again"), "again", "again", () => actions.again(null))] : []),
  ];
}

/** What failed or was cut asks for a button one can see. */
function wordsButton(name, drawing, kind, onclick) {
  return element("button", { type: "button", class: `text-button ${kind}`, onclick: () => onclick() }, icon(drawing, 16), element("span", {}, name));
}

function copyButton(say, actions) {
  const names = { copy: say("copy"), copied: say("copied") };
  const button = iconButton({ icon: "copy", name: names.copy, size: 16, class: "copy" });
  button.addEventListener("click", () => copyText(actions.text(), button, names));
  return button;
}

function rateButton(say, kind, value, rating, actions) {
  const turn = () => actions.rate(button.getAttribute("aria-pressed") === "true" ? null : value);
  const button = iconButton({ icon: kind, name: say(`rate_${kind}`), size: 16, class: "rate", onclick: turn });
  button.dataset.value = String(value);
  button.setAttribute("aria-pressed", String(rating === value));
  return button;
}

function moreMenu(say, message, actions) {
  const models = () => actions.models().map((model) => ({ name: model.name, fact: model.ready, checked: model.name === message.model, act: () => actions.again(model.name) }));
  const entries = () => [
    ...(message.text ? [{ name: say("quote"), icon: "quote", act: () => actions.quote(actions.text()) }] : []),
    { name: say("again"), icon: "again", act: () => actions.again(null) },
    ...(actions.models().some(({ name }) => name !== message.model) ? [{ name: say("again_with"), icon: "swap", more: models }] : []),
    ...(message.continue ? [{ name: say("continue"), icon: "forward", act: actions.goOn }] : []),
  ];
  return new Menu(say("answer_menu"), { size: 16, entries });
}
