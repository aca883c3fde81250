/** Shortcuts of the whole page. */

/**
 * @param {{newChat: () => void, escape: () => boolean}} actions `escape` says whether it had something to do
 */
export function listenForKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !event.defaultPrevented && actions.escape()) event.preventDefault();
    if (event.code === "KeyO" && event.shiftKey && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      actions.newChat();
    }
  });
}

/**
 * How the shortcut for a new chat is written on this machine.
 * @param {Navigator} navigator
 * @returns {string}
 */
export function newChatShortcut(navigator) {
  return /Mac|iPhone|iPad/.test(navigator.platform) ? "⇧⌘O" : "Ctrl+Shift+O";
}
