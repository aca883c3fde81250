/** Shortcuts of the whole page. */

/**
 * @param {{newChat: () => void, search: () => void, escape: () => boolean}} actions `escape` says whether it had something
 *   to do
 */
export function listenForKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const command = event.ctrlKey || event.metaKey;
    if (event.key === "Escape" && !event.defaultPrevented && actions.escape()) event.preventDefault();
    if (command && event.shiftKey && event.code === "KeyO") {
      event.preventDefault();
      actions.newChat();
    }
    if (command && !event.shiftKey && !event.altKey && event.code === "KeyK") {
      event.preventDefault();
      actions.search();
    }
  });
}

/**
 * How the shortcuts are written on this machine.
 * @param {Navigator} navigator
 * @returns {{newChat: string, search: string}}
 */
export function shortcuts(navigator) {
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  return { newChat: mac ? "⇧⌘O" : "Ctrl+Shift+O", search: mac ? "⌘K" : "Ctrl+K" };
}
