/** The text of an answer: finished blocks that are never touched again, and an open tail. */

import { dressBlock, label, plain } from "./code.js";
import { element } from "./elements.js";

const BLOCKS = new Set(["BLOCKQUOTE", "DIV", "LI", "OL", "P", "PRE", "TABLE", "TBODY", "TD", "TH", "TR", "UL"]);

export class Body {
  /** @param {Object<string, string>} names of the buttons of code and diagrams */
  constructor(names) {
    this.names = names;
    this.settled = element("div", { class: "settled" });
    this.tail = element("div", { class: "tail" });
    this.root = element("div", { class: "answer-text" }, this.settled, this.tail);
    /** The blocks as they came, to know what the page has. */
    this.blocks = [];
  }

  get empty() {
    return this.blocks.length === 0 && !this.tail.hasChildNodes();
  }

  /** Show a whole answer; what is shown already stays as it is, down to a selection in it. */
  show(html) {
    const rest = this.blocks.reduce((left, block) => (left?.startsWith(block) ? left.slice(block.length) : null), html);
    if (rest === null) this.rebuild(html ? [html] : []);
    else if (same(rest, plain(this.tail))) this.close();
    else this.end(rest);
  }

  /** Take a snapshot of an answer under way: blocks that are there already stay. */
  restart(blocks, tail, append) {
    const known = this.blocks.every((block, index) => block === blocks[index]);
    if (!known) this.rebuild([]);
    this.extend(blocks.slice(this.blocks.length), tail ?? "", append);
  }

  /**
   * @param {string[]} blocks finished since
   * @param {string | null | undefined} tail replaces the open end
   * @param {string | null | undefined} append text that goes on where the open end stops
   */
  extend(blocks, tail, append) {
    for (const block of blocks) this.add(block);
    if (tail !== null && tail !== undefined) this.replaceTail(tail);
    if (append) this.write(append);
  }

  rebuild(blocks) {
    this.blocks = [];
    this.settled.replaceChildren();
    this.tail.replaceChildren();
    for (const block of blocks) this.add(block);
  }

  /** The open end was not rendered to the last word yet: it alone is replaced. */
  end(rest) {
    this.tail.replaceChildren();
    if (rest) this.add(rest);
  }

  add(block) {
    this.blocks.push(block);
    const made = fragment(block);
    dressBlock(made, this.names);
    this.settled.append(made);
  }

  replaceTail(html) {
    const made = fragment(html);
    label(made);
    this.tail.replaceChildren(made);
  }

  write(text) {
    if (!this.tail.firstElementChild) this.tail.append(element("p"));
    const last = deepest(this.tail.lastElementChild);
    if (last.lastChild instanceof Text) last.lastChild.appendData(text);
    else last.append(text);
  }

  /** The open end was the whole end: it becomes a block like the others, in its place. */
  close() {
    if (!this.tail.hasChildNodes()) return;
    this.blocks.push(plain(this.tail));
    dressBlock(this.tail, this.names);
    this.settled.append(...this.tail.childNodes);
  }
}

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // made and sanitised by the server
  return template.content;
}

/** Where text goes on: down the last elements, until one that ends with words of its own. A formula takes none in. */
function deepest(start) {
  const last = start.lastChild && isLineBreak(start.lastChild) ? start.lastChild.previousSibling : start.lastChild;
  return last instanceof HTMLElement && last.tagName !== "BR" ? deepest(last) : start;
}

/** Markdown's line break behind a block is no text; behind a word or a span of code it is. */
function isLineBreak(node) {
  return node instanceof Text && !node.data.trim() && BLOCKS.has(node.previousSibling?.nodeName);
}

function same(one, other) {
  return one === other || normal(one) === normal(other);
}

/** As the browser would write it, without the line breaks between blocks and the last one of code. */
function normal(html) {
  const holder = element("div");
  holder.append(fragment(html));
  holder.normalize();
  return holder.innerHTML.replace(/\n+(?=<)/g, "").replace(/>\n+/g, ">");
}
