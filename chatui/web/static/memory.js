/** What this browser remembers. Storage may be full, forbidden or broken: then nothing is remembered and nothing fails. */

/**
 * @param {"localStorage" | "sessionStorage"} kind
 * @param {string} key
 * @returns {string | null}
 */
function recall(kind, key) {
  try {
    return window[kind].getItem(key);
  } catch {
    return null;
  }
}

function remember(kind, key, value) {
  try {
    if (value === null) window[kind].removeItem(key);
    else window[kind].setItem(key, value);
  } catch {
    // Private windows and full disks: the page goes on without a memory.
  }
}

/** The conversation this browser left in mid-answer: shown again when a page opens without one. */
export const unfinished = {
  get: () => recall("localStorage", "samovar.unfinished"),
  set: (id) => remember("localStorage", "samovar.unfinished", id),
  /** @param {string} id forgotten only when it is the one remembered: another tab may have asked since */
  clear: (id) => {
    if (unfinished.get() === id) remember("localStorage", "samovar.unfinished", null);
  },
};

/** The model chosen last, for new conversations. */
export const favourite = {
  get: () => recall("localStorage", "samovar.model"),
  set: (name) => remember("localStorage", "samovar.model", name),
};

/** What was typed and not sent, per conversation and tab. `key` is there when it was sent and never acknowledged. */
export const drafts = {
  /** @returns {{text: string, key: string | null}} */
  get: (conversation) => parse(recall("sessionStorage", draftKey(conversation))),
  set: (conversation, text, key) =>
    remember("sessionStorage", draftKey(conversation), text ? JSON.stringify({ text, key }) : null),
};

function draftKey(conversation) {
  return `samovar.draft.${conversation ?? "new"}`;
}

function parse(stored) {
  try {
    const { text, key } = JSON.parse(stored ?? "{}");
    return { text: typeof text === "string" ? text : "", key: typeof key === "string" ? key : null };
  } catch {
    return { text: "", key: null };
  }
}
