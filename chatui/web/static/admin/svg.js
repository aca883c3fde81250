/** Making SVG, and lines through points that may be missing. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Object<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * The path of a line; it breaks where a figure is missing or the time between two is too long.
 * @param {[number, number | null][]} points moments and figures, in order
 * @param {(at: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} longest the time between two neighbours, in milliseconds
 */
export function path(points, x, y, longest) {
  let out = "";
  let before = null;
  points.forEach(([at, value], index) => {
    if (value === null) {
      before = null;
      return;
    }
    const joins = before !== null && at - before <= longest;
    const place = `${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    out += joins ? `L${place}` : `M${place}`;
    // One figure alone would be invisible.
    const alone = !joins && (points[index + 1]?.[1] ?? null) === null;
    if (alone) out += "h1.5";
    before = at;
  });
  return out;
}

/** A round figure at or above a value, for the top of an axis. */
export function ceiling(value, binary = false) {
  if (value <= 0) return 1;
  const base = binary ? 1024 ** Math.floor(Math.log(value) / Math.log(1024)) : 1;
  const scaled = value / base;
  const power = 10 ** Math.floor(Math.log10(scaled));
  const step = [1, 2, 2.5, 5, 10].find((each) => each * power >= scaled) ?? 10;
  return step * power * base;
}
