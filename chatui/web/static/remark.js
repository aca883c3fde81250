/** The line over the box: what was refused, whether there is a connection, how much room is left. */

/** From here on people see how much room is left. */
const NEAR_LIMIT = 0.9;

/**
 * @param {import("./composer.js").Composer} composer
 * @returns {{text: string, kind: "refused" | "offline" | "quiet" | "editing"}}
 */
export function remark(composer) {
  if (composer.refusal) return { text: composer.refusal, kind: "refused" };
  if (!composer.online) return { text: composer.say(composer.pending ? "offline_pending" : "offline"), kind: "offline" };
  const excess = composer.excess();
  if (excess > 0) return { text: composer.say("too_long", { excess, limit: composer.limit }), kind: "refused" };
  if (composer.hindrance && !composer.edits) return { text: composer.hindrance, kind: "offline" };
  const count = composer.box.value.length;
  if (count > composer.limit * NEAR_LIMIT) return { text: composer.say("near_limit", { count, limit: composer.limit }), kind: "quiet" };
  return composer.edits ? { text: composer.say("editing"), kind: "editing" } : { text: "", kind: "quiet" };
}
