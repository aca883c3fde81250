/** What this browser remembers. Storage may be full, forbidden or broken: then nothing is remembered and nothing fails. */

/** Whose memory it is: colleagues may share a browser. */
const owner = document.querySelector('meta[name="samovar-person"]')?.content ?? "";

/**
 * @param {"localStorage" | "sessionStorage"} kind
 * @param {string} key
 * @returns {string | null}
 */
function recall(kind, key) {
  try {
    return window[kind].getItem(`samovar.${owner}.${key}`);
  } catch {
    return null;
  }
}

function remember(kind, key, value) {
  try {
    if (value === null) window[kind].removeItem(`samovar.${owner}.${key}`);
    else window[kind].setItem(`samovar.${owner}.${key}`, value);
  } catch {
    // Private windows and full disks: the page goes on without a memory.
  }
}

/** The conversation this browser left in mid-answer: shown again when a page opens without one. */
export const unfinished = {
  get: () => recall("localStorage", "unfinished"),
  set: (id) => remember("localStorage", "unfinished", id),
  /** @param {string} id forgotten only when it is the one remembered: another tab may have asked since */
  clear: (id) => {
    if (unfinished.get() === id) remember("localStorage", "unfinished", null);
  },
};

/** Whether this browser tells of answers that came while nobody looked: "on", or nothing. */
export const notifies = {
  get: () => recall("localStorage", "notifies"),
  set: (value) => remember("localStorage", "notifies", value),
};

/** Whether the column of the conversations is hidden on wide screens: "hidden", or nothing. */
export const listHidden = {
  get: () => recall("localStorage", "list"),
  set: (value) => remember("localStorage", "list", value),
};

/** The model chosen last, for new conversations. */
export const favourite = {
  get: () => recall("localStorage", "model"),
  set: (name) => remember("localStorage", "model", name),
};

/** What was chosen for all devices, so that the page begins with it: colours and language; null leaves it to the system. */
export const theme = chosenOf("samovar.theme");
export const language = chosenOf("samovar.language");

function chosenOf(key) {
  return { get: () => recall("localStorage", key), set: (value) => remember("localStorage", key, value) };
}

/** The folders of the list that are folded. */
export const folded = {
  has: (id) => recallList("samovar.folded").includes(id),
  set: (id, is) => {
    const others = recallList("samovar.folded").filter((other) => other !== id);
    remember("localStorage", "samovar.folded", JSON.stringify(is ? [...others, id] : others));
  },
};

function recallList(key) {
  try {
    const list = JSON.parse(recall("localStorage", key) ?? "[]");
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/**
 * What was typed and not sent, per conversation and tab. `key` is there when it was sent and never acknowledged; `edits` when
 * it changes the waiting question of that answer: then `aside` is what was typed before. `saved` is what the server has of it.
 * @typedef {{text: string, key: string | null, edits: string | null, aside: string, saved: string}} Draft
 */
export const drafts = {
  /** @returns {Draft} */
  get: (conversation) => parse(recall("sessionStorage", draftKey(conversation))),
  /** @param {Draft | null} draft */
  set: (conversation, draft) =>
    remember("sessionStorage", draftKey(conversation), draft?.text || draft?.aside || draft?.saved ? JSON.stringify(draft) : null),
};

function draftKey(conversation) {
  return `draft.${conversation ?? "new"}`;
}

function parse(stored) {
  try {
    const { text, key, edits, aside, saved } = JSON.parse(stored ?? "{}");
    return { text: string(text) ?? "", key: string(key), edits: string(edits), aside: string(aside) ?? "", saved: string(saved) ?? "" };
  } catch {
    return { text: "", key: null, edits: null, aside: "", saved: "" };
  }
}

function string(value) {
  return typeof value === "string" ? value : null;
}
