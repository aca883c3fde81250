/** Every shortcut, once: what is bound, and what the help sheet shows. */

/**
 * `does` is a method of `Commands`; without one the key belongs to the box or the list, which take it themselves. A `code` is
 * a place on the keyboard, a `key` what is typed there. `outside`: only while nobody types.
 * @typedef {{word: string, does?: string, code?: string, key?: string, command?: boolean, shift?: boolean, alt?: boolean, outside?: boolean}} Shortcut
 */

/** @type {{word: string, keys: Shortcut[]}[]} in the order of the sheet */
export const GROUPS = [
  {
    word: "keys_anywhere",
    keys: [
      { word: "new_chat", does: "newChat", code: "KeyO", command: true, shift: true },
      { word: "search", does: "search", code: "KeyK", command: true },
      { word: "keys_previous", does: "previous", code: "ArrowUp", alt: true },
      { word: "keys_next", does: "next", code: "ArrowDown", alt: true },
      { word: "keys_list", does: "toggleList", code: "KeyB", command: true },
      { word: "keys_box", does: "focusBox", key: "/", outside: true },
      { word: "help", does: "help", key: "/", command: true },
      { word: "help", does: "help", key: "?", outside: true },
    ],
  },
  {
    word: "keys_answer",
    keys: [
      { word: "keys_stop", does: "escape", key: "Escape" },
      { word: "again", does: "again", code: "Enter", command: true, shift: true },
      { word: "keys_copy", does: "copyAnswer", code: "KeyL", command: true, shift: true },
    ],
  },
  {
    word: "keys_in_box",
    keys: [
      { word: "send", key: "Enter" },
      { word: "keys_line", key: "Enter", shift: true },
      { word: "slash_menu", key: "/" },
    ],
  },
  { word: "conversations", keys: [{ word: "rename", key: "F2" }] },
];

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
const NAMES = { ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Enter: MAC ? "↵" : "Enter" };

/**
 * How a shortcut is written on this machine.
 * @param {Shortcut} shortcut
 * @returns {string[]} one for each key
 */
export function written({ code, key, command, shift, alt }) {
  const main = code ? code.replace(/^Key/, "") : key;
  const before = MAC ? [alt && "⌥", shift && "⇧", command && "⌘"] : [command && "Ctrl", alt && "Alt", shift && "Shift"];
  return [...before.filter(Boolean), NAMES[main] ?? main];
}

/**
 * The shortcut of a command in a few characters.
 * @param {string} does
 * @returns {string}
 */
export function shortcutOf(does) {
  const found = GROUPS.flatMap(({ keys }) => keys).find((shortcut) => shortcut.does === does);
  return written(found).join(MAC ? "" : "+");
}

/**
 * @param {KeyboardEvent} event
 * @returns {string | null} the command that is meant
 */
export function meant(event) {
  const found = GROUPS.flatMap(({ keys }) => keys).find((shortcut) => shortcut.does && fits(shortcut, event));
  return found?.does ?? null;
}

function fits({ code, key, command = false, shift = false, alt = false, outside = false }, event) {
  if (outside && isTyped(event.target)) return false;
  // On a Mac the Control key moves in the text that is being written.
  const commands = MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  const none = !event.metaKey && !event.ctrlKey;
  if ((command ? !commands : !none) || event.altKey !== alt) return false;
  // What needs Shift to be typed differs from one keyboard to the next.
  return code ? event.code === code && event.shiftKey === shift : event.key === key;
}

/** Whether what is pressed there is text. */
function isTyped(target) {
  return target instanceof Element && target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
}
