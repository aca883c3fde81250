/** Gradio mounts the page late and at its own pace: the script waits for the places it fills. */

/**
 * @param {readonly string[]} ids
 * @returns {Promise<Object<string, HTMLElement>>} the elements by id, once all are there
 */
export function whenPresent(ids) {
  return new Promise((resolve) => {
    const look = () => {
      const found = ids.map((id) => document.getElementById(id));
      if (found.includes(null)) return false;
      resolve(Object.fromEntries(ids.map((id, index) => [id, found[index]])));
      return true;
    };
    if (look()) return;
    const watch = new MutationObserver(() => look() && watch.disconnect());
    watch.observe(document.documentElement, { childList: true, subtree: true });
  });
}
