/** The address bar: `?c=` names the conversation that is shown. */

/** @returns {string | null} the conversation in the address */
export function addressed() {
  return new URLSearchParams(window.location.search).get("c");
}

/**
 * The address of a conversation, other parameters kept.
 * @param {string | null} conversation
 * @returns {string}
 */
export function addressOf(conversation) {
  const url = new URL(window.location.href);
  if (conversation) url.searchParams.set("c", conversation);
  else url.searchParams.delete("c");
  return `${url.pathname}${url.search}`;
}

/** Go on to another conversation: Back returns to this one. */
export function visit(conversation) {
  if (addressed() !== conversation) window.history.pushState(null, "", addressOf(conversation));
}

/** Correct the address of what is shown already. */
export function settle(conversation) {
  if (addressed() !== conversation) window.history.replaceState(null, "", addressOf(conversation));
}

/**
 * Where to sign in again, and come back to what is shown.
 * @param {Location} location
 * @returns {string}
 */
export function signInAddress({ pathname, search }) {
  return `/sign-in?why=ended&next=${encodeURIComponent(pathname + search)}`;
}
