/** Draws Mermaid's source for the page around this frame, and answers with the text of a picture. */

const LONGEST = 20_000;
const MOST_EDGES = 300;
/** What a text may not change of how it is drawn, by a directive or its front matter. */
const FIXED = [
  "secure", "securityLevel", "startOnLoad", "suppressErrorRendering", "maxTextSize", "maxEdges", "dompurifyConfig", "htmlLabels",
  "theme", "themeCSS", "themeVariables", "fontFamily", "altFontFamily", "logLevel", "deterministicIds", "arrowMarkerAbsolute", "flowchart",
];
/** Arrows, stereotypes and line breaks are Mermaid's own; any other tag is words. */
const TAGS = /<<\w+>>|<br\s*\/?>|<(?=[/!?a-z])/gi;

/** What would name something to fetch: it stays to be read, and leads nowhere. */
const ADDRESSES = /\b(?:https?|ftp|wss?|data|blob|file|javascript|img|url(?=\s*\())(?=\s*[:(])|\/(?=\/)|\\(?=\\)/gi;

/** Menus of an actor in a sequence, which only a click would open: Mermaid writes handlers for them. */
const SEQUENCE = /^\s*sequenceDiagram/m;
const MENUS = /^[ \t]*(?:links?|properties|details)[ \t].*$/gim;

/** The colours of the page around it, as in tokens.css. */
const LIGHT = { mainBkg: "#fcfbf9", nodeBorder: "#6b655c", lineColor: "#6b655c", edgeLabelBackground: "#f5f3ef" };
const DARK = { mainBkg: "#252320", nodeBorder: "#a09a8f", lineColor: "#a09a8f", edgeLabelBackground: "#161513" };

const { default: mermaid } = await import(document.querySelector('meta[name="samovar-mermaid"]').content);

async function draw({ id, source, dark }) {
  try {
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      secure: FIXED,
      suppressErrorRendering: true,
      maxTextSize: LONGEST,
      maxEdges: MOST_EDGES,
      theme: dark ? "dark" : "neutral",
      themeVariables: dark ? DARK : LIGHT,
      fontFamily: "system-ui, sans-serif",
      htmlLabels: false,
      flowchart: { htmlLabels: false },
    });
    const { svg } = await mermaid.render(`diagram-${id}`, harmless(source));
    return { id, svg };
  } catch {
    return { id, svg: null };
  } finally {
    document.body.replaceChildren();
  }
}

function harmless(source) {
  const unlinked = SEQUENCE.test(source) ? source.replace(MENUS, "") : source;
  return unlinked.replace(TAGS, (tag) => (tag === "<" ? "\u2039" : tag)).replace(ADDRESSES, "$&\u2060");
}

let last = Promise.resolve();

window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || origin !== window.location.origin) return;
  // One after the other: Mermaid has one configuration for all.
  last = last.then(async () => source.postMessage(await draw(data), origin));
});
window.parent.postMessage({ ready: true }, window.location.origin);
