"""What a reader would call broken on a page, measured: it scrolls sideways, text is cut off, or lies over another."""

from __future__ import annotations

from playwright.async_api import Page

# In what is on top: an open dialog or menu covers the page on purpose, and so does what is said in passing.
_BROKEN = """() => {
  const layers = [...document.querySelectorAll("dialog[open]")];
  const within = layers.at(-1) ?? document.body;
  const told = [];
  const name = element => `${element.tagName.toLowerCase()}.${element.className?.baseVal ?? element.className}`;
  const say = (what, element) => told.push(`${what}: ${name(element)} "${element.textContent.trim().slice(0, 60)}"`);
  if (document.scrollingElement.scrollWidth > innerWidth) told.push("the page scrolls sideways");
  const seen = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !element.closest(".unseen, .toasts, svg, math, iframe, [inert], select, .katex, .drop-veil");
  const leaves = [...within.querySelectorAll("*")].filter(element => seen(element)
    && [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
  for (const element of leaves) {
    const style = getComputedStyle(element);
    const hides = style.overflowX !== "visible" && style.overflowX !== "auto" && style.overflowX !== "scroll";
    const wraps = style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
    if (hides && !wraps && element.scrollWidth > element.clientWidth + 1) say("cut off", element);
    const box = element.getBoundingClientRect();
    const scrolls = element.closest("pre, .wide, .columns, nav, .pages, [tabindex='0'], .answer-text div, table");
    const out = (box.right > innerWidth + 1 && box.left < innerWidth) || (box.left < -1 && box.right > 0);
    if (box.width && out && !scrolls) say("beyond the edge", element);
  }
  const boxes = leaves.filter(element => !element.closest(".menu, .slash, #slash, .picker ul, .found, .quote-button"))
    .map(element => {
      const range = document.createRange();
      range.selectNodeContents(element);
      return [element, [...range.getClientRects()].filter(box => box.width > 2 && box.height > 2)];
    });
  const opaque = element => !/, 0\\)$|transparent/.test(getComputedStyle(element).backgroundColor);
  const shown = (element, box) => {
    const here = document.elementsFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    const top = here.find(one => element.contains(one) || (opaque(one) && !one.contains(element)));
    const own = element.getBoundingClientRect();
    if (box.bottom > own.bottom + 1 || box.right > own.right + 1) return false; // folded away
    return top && element.contains(top);
  };
  for (const [element, lines] of boxes) for (const [other, others] of boxes) {
    if (element === other || element.contains(other) || other.contains(element)) continue;
    if (lines.some(a => others.some(b => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 3
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > Math.min(a.height, b.height) / 2
      && shown(element, a) && shown(other, b)))) say(`over ${name(other)}`, element);
  }
  return [...new Set(told)];
}"""


async def broken(page: Page) -> list[str]:
    """Tell what is broken in what is on top of the page."""
    faults: list[str] = await page.evaluate(_BROKEN)
    return faults
