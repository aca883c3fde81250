/** Runs in a page before its own scripts and notes what text must never bring about: see harm.py. */

(() => {
  const harm = new Set();
  const set = (words) => new Set(words.trim().split(/\s+/));

  /** What the text of an answer may be made of, and the buttons of its code. */
  const TAGS = set(`
    A B BLOCKQUOTE BR BUTTON CODE DEL DIV EM H1 H2 H3 H4 H5 H6 HR I LI OL P PATH PRE S SPAN STRONG SVG TABLE TBODY TD TH
    THEAD TR UL
    MATH MENCLOSE MFRAC MI MMULTISCRIPTS MN MO MOVER MPADDED MPHANTOM MPRESCRIPTS MROOT MROW MSPACE MSQRT MSUB MSUBSUP MSUP
    MTABLE MTD MTEXT MTR MUNDER MUNDEROVER`);
  const ATTRIBUTES = set(`
    aria-hidden aria-label class d data-language focusable height href rel start style tabindex target title type viewBox
    width
    accent accentunder display displaystyle linethickness lspace mathvariant maxsize minsize notation rspace scriptlevel
    stretchy symmetric voffset`);
  /** What nothing in the page is made of. */
  const NEVER = `applet, audio, base, embed, fencedframe, frame, frameset, iframe, img, link, marquee, meta, object, picture,
    portal, script, source, style, template, track, video`;
  const CONTROLS = "dialog, form, input, select, textarea";
  /** What a picture of a diagram brings along, which only the page's own script makes. */
  const OF_DIAGRAMS = set("alt data-drawn hidden role src");
  const PICTURE = 'pre[data-language="mermaid"] > .diagram > img';
  const STUDIO = 'body > iframe.studio[src="/diagrams"]';
  const LINK = /^(https?:\/\/|mailto:)/i;
  const ALIGNMENT = /^text-align: ?(left|right|center);?$/;
  const IN_A_FORMULA = /^((border|justify|margin|padding|text|width)[a-z-]*: ?[\w. %-]+;? ?)+$/;
  const WORDS_ALONE = `.asked-text *, .notice *, .thought *, .topbar h1 *, .title *, .picker-name *, .option-name *,
    .option-facts *, .line-text > span *, .hit-text *:not(mark), .banner p *, .toast p *`;
  const REGIONS = "#sidebar, #topbar, #banners, #reading, #foot";
  const FLOATS = ".to-end, [popover], #models, .veil, .unseen, .toasts";

  const A_LITTLE_PX = 24;

  const named = (element) => `${element.tagName} in ${element.parentElement?.className ?? "nothing"}`;

  const PLAIN_PAGE = "main.sheet, main.card, main.work";
  const OWN_PATH = /^[/#](?![/\\])/;

  /** On a page that the server drew whole: its forms are its own, and lead nowhere else. */
  function lookOnPlainPage(element) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on") || name === "style" || name === "srcdoc") harm.add(`attribute ${name} of ${named(element)}`);
      if (["action", "formaction", "href", "src"].includes(name) && !OWN_PATH.test(value)) harm.add(`${name} ${value}`);
    }
    if (element.matches(".what *:not(.fact), .fact *, td *, option *, title *, svg, math, iframe, style")) {
      harm.add(`markup ${named(element)}`);
    }
    if (["fixed", "absolute"].includes(getComputedStyle(element).position) && !element.closest(".unseen, .menu")) {
      harm.add(`over the page: ${named(element)}`);
    }
  }

  /** The place is where the element was put: by now something else may stand there. */
  function look(element, place) {
    if (!place.closest?.("#samovar, article")) return;
    const inText = place.closest(".answer-text") ?? element.closest(".answer-text");
    if (inText === element) return;
    if (inText && element.matches(PICTURE) && !/^blob:|^$/.test(element.src)) harm.add(`picture ${element.src}`);
    const known = inText ? TAGS.has(element.tagName.toUpperCase()) || element.matches(PICTURE) : !element.matches(NEVER);
    if (!known || (element.matches(CONTROLS) && place.closest("#transcript"))) harm.add(`element ${named(element)}`);
    if (element.matches(WORDS_ALONE)) harm.add(`markup ${named(element)}`);
    for (const attribute of element.attributes) lookAtAttribute(element, attribute, inText);
  }

  function lookAtAttribute(element, { name, value }, inText) {
    const drawn = inText && OF_DIAGRAMS.has(name) && element.closest('pre[data-language="mermaid"]');
    const known = inText ? drawn || ATTRIBUTES.has(name) : !/^on|^srcdoc$|action$/.test(name);
    if (!known) harm.add(`attribute ${name} of ${named(element)}`);
    const style = element instanceof MathMLElement ? IN_A_FORMULA : ALIGNMENT;
    if (inText && name === "style" && !style.test(value)) harm.add(`style ${value}`);
    if (inText && name === "href" && !LINK.test(value)) harm.add(`href ${value}`);
  }

  new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === "attributes") look(target, target);
      for (const node of addedNodes) {
        if (node instanceof Element) for (const one of [node, ...node.querySelectorAll("*")]) look(one, target);
      }
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });

  for (const name of ["alert", "confirm", "prompt", "print", "open"]) window[name] = () => harm.add(`ran ${name}`);
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
    harm.add(`policy ${violatedDirective} ${blockedURI} ${sample}`),
  );

  /** Every part of the page is where it should be, and nothing of the page is under anything else. */
  function lookAcross() {
    for (let x = 4; x < window.innerWidth; x += 40) {
      for (let y = 4; y < window.innerHeight; y += 25) lookAt(x, y);
    }
  }

  function lookAt(x, y) {
    const hit = document.elementFromPoint(x, y);
    if (!hit || hit === document.body || hit === document.documentElement || hit.closest(FLOATS)) return;
    const region = hit.closest(REGIONS);
    if (!region) {
      if (!hit.closest("gradio-app")) harm.add(`over the page: ${named(hit)}`);
      return;
    }
    const box = region.getBoundingClientRect();
    const within = x > box.left - 1 && x < box.right + 1 && y > box.top - 1 && y < box.bottom + 1;
    if (!within) harm.add(`over the page: ${named(hit)} of ${region.id}`);
  }

  function lookForOverlays() {
    for (const element of document.querySelectorAll(".answer-text *, .asked-text *")) {
      const { position } = getComputedStyle(element);
      if (position !== "static" && !element.closest("pre")) harm.add(`${position} ${named(element)}`);
    }
    for (const part of document.querySelectorAll(".answer-text math *")) {
      const [inner, outer] = [part, part.closest(".answer-text")].map((one) => one.getBoundingClientRect());
      const left = inner.left < outer.left - A_LITTLE_PX || inner.top < outer.top - A_LITTLE_PX;
      if (left || inner.bottom > outer.bottom + A_LITTLE_PX) harm.add(`a formula left its place: ${named(part)}`);
    }
    for (const element of document.querySelectorAll(NEVER)) {
      if (element.matches(PICTURE) || (element.matches(STUDIO) && getComputedStyle(element).visibility === "hidden")) continue;
      if (element.closest("body") && element.checkVisibility()) harm.add(`visible ${named(element)}`);
    }
  }

  const scriptsThere = () => document.querySelectorAll("body script").length;

  /** @returns {string[]} everything seen since the last time */
  window.lookForHarm = () => {
    if (document.querySelector(PLAIN_PAGE)) {
      for (const element of document.body.querySelectorAll("*")) lookOnPlainPage(element);
    } else {
      lookAcross();
      lookForOverlays();
    }
    if (scriptsThere()) harm.add("a script in the body");
    const seen = [...harm];
    harm.clear();
    return seen;
  };
})();
