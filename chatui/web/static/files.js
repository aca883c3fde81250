/** The files beside the next question: chosen, dropped or pasted, and on their way until the server has read them. */

import { Chips } from "./chips.js";
import { catchFiles } from "./dropping.js";
import { element } from "./elements.js";
import { iconButton } from "./icons.js";
import { Upload } from "./upload.js";

/** Where the files of a temporary chat are that is not begun. */
const PASSING = "passing";
const MB = 1024 * 1024;

export class Files {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./page.js").Page} page
   * @param {import("./words.js").Say} say
   */
  constructor(session, page, say) {
    Object.assign(this, { session, page, say });
    this.largest = Infinity;
    /** @type {Map<string | null, object[]>} by conversation what the server has, as it tells it */
    this.kept = new Map();
    /** Ids of files that are being removed: what the server said before shows them no more. */
    this.gone = new Set();
    /** @type {Upload[]} in the order in which they were added; one at a time is sent */
    this.uploads = [];
    this.chips = new Chips(say, { remove: (item) => this.remove(item), again: (item) => this.again(item), left: () => page.composer.box.focus() });
    this.input = element("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", onchange: () => this.picked() });
    this.button = iconButton({ icon: "attach", name: say("files_add"), class: "attach", onclick: () => this.input.click() });
    this.button.title = say("files_hint");
    const { box, button } = page.composer;
    box.parentElement.prepend(this.chips.root);
    button.before(this.input, this.button);
    catchFiles(document.getElementById("stage"), box, say("files_drop"), (files) => this.add(files));
    session.hear({ files: (frame) => this.take(frame) });
    this.goAlong();
    page.whenShown(() => this.draw());
  }

  /** What is beside the question goes out with it, and counts for the meter. */
  goAlong() {
    const { on } = this.page;
    const others = on.alongside;
    on.alongside = () => ({ ...others?.(), files: this.here.map(({ id }) => id) });
    on.weightBeside = () => this.here.reduce((sum, { tokens }) => sum + tokens, 0);
  }

  get place() {
    const { current, passing } = this.session;
    return current ?? (passing ? PASSING : null);
  }

  /** What the server has for the conversation that is shown. */
  get here() {
    return (this.kept.get(this.place) ?? []).filter(({ id }) => !this.gone.has(id));
  }

  take({ conversation, items, largest_mb: largest }) {
    this.kept.set(conversation, items);
    if (conversation && this.session.passing) this.kept.delete(PASSING); // it has begun, and they are in it
    this.largest = largest * MB;
    this.button.hidden = largest === 0;
    this.draw();
  }

  picked() {
    this.add([...this.input.files]);
    this.input.value = ""; // so that the same file can be chosen again
  }

  /** @param {File[]} files */
  add(files) {
    if (this.button.hidden || this.page.composer.edits) return;
    for (const file of files) {
      const upload = new Upload(file, this.place);
      if (file.size > this.largest) upload.refuse(this.say("files_large", { name: file.name, most: this.largest / MB }));
      this.uploads.push(upload);
    }
    this.sendNext();
    this.page.focusBox();
  }

  again(upload) {
    upload.state = "waiting";
    this.sendNext();
  }

  sendNext() {
    this.draw();
    if (this.uploads.some(({ state }) => state === "coming")) return;
    const next = this.uploads.find(({ state }) => state === "waiting");
    next?.send(next.place === PASSING, {
      moved: () => this.draw(),
      kept: (item) => this.arrived(next, item),
      refused: (sentence) => this.refused(next, sentence),
    });
  }

  arrived(upload, item) {
    this.forget(upload);
    const there = this.kept.get(upload.place) ?? [];
    if (!there.some(({ id }) => id === item.id)) this.kept.set(upload.place, [...there, item]);
    this.chips.tell(this.say("files_added", { name: item.name }));
    this.sendNext();
  }

  /** @param {string | null} sentence null: the line broke */
  refused(upload, sentence) {
    upload.refuse(sentence ?? this.say("files_lost", { name: upload.name }), sentence === null);
    this.chips.tell(upload.sentence);
    this.sendNext();
  }

  forget(upload) {
    this.uploads = this.uploads.filter((other) => other !== upload);
  }

  remove(item) {
    if (item instanceof Upload) {
      item.stop();
      this.forget(item);
    } else {
      this.gone.add(item.id);
      fetch(`/attachments/${item.id}`, { method: "DELETE", keepalive: true }).catch(() => this.gone.delete(item.id));
    }
    this.chips.tell(this.say("files_removed", { name: item.name }));
    this.sendNext();
  }

  draw() {
    const { composer } = this.page;
    const coming = this.uploads.filter(({ place }) => place === this.place);
    this.chips.show([...this.here, ...coming]);
    composer.set({ hindrance: this.hindrance(coming), beside: this.here.length });
    this.page.on.drawMeter?.();
  }

  /** @returns {string} why the question cannot go out yet */
  hindrance(coming) {
    if (coming.some(({ state }) => state !== "refused")) return this.say("files_wait");
    const model = this.session.models.of(this.session.current, this.session.lastModel);
    const blind = model?.sees === false && this.here.some(({ kind }) => kind === "image");
    return blind ? this.say("files_blind", { model: model.name }) : "";
  }
}
