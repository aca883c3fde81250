/** The library of prompts: what the server has of it, and how a prompt gets from there into the box. */

import { element } from "./elements.js";
import { fillIn } from "./fill_form.js";
import { icon } from "./icons.js";
import { newKey } from "./key.js";
import { LibraryDialog } from "./library_dialog.js";
import { PromptForm } from "./prompt_form.js";

export class Library {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./page.js").Page} page
   * @param {import("./words.js").Say} say
   */
  constructor(session, page, say) {
    Object.assign(this, { session, page, say, prompts: [], form: null, dialog: null, key: null });
    /** Told when other prompts are there than before. */
    this.changed = () => {};
    session.hear({
      prompts: (frame) => this.take(frame.items),
      prompts_changed: () => this.refresh(),
      prompt_saved: ({ key }) => key === this.key && this.form?.saved(),
      prompt_deleted: (frame) => this.dialog?.deleted(frame),
    });
    page.on.refused = (key, sentence) => this.refused(key, sentence);
    const others = page.on.personEntries;
    page.on.personEntries = () => [{ name: say("prompts"), icon: "prompts", act: () => this.open() }, ...others()];
    page.composer.foot.prepend(this.button());
    page.empty.useStarter = (prompt) => this.use(prompt);
  }

  button() {
    return element("button", { type: "button", class: "foot-button prompts-button", title: this.say("prompts"), "aria-haspopup": "dialog", onclick: () => this.open() }, icon("prompts", 16), element("span", {}, this.say("prompts")));
  }

  /** Ask for what there is: at each new line, and when somebody changed what all see. */
  refresh() {
    this.session.send({ t: "prompts" });
  }

  take(items) {
    this.prompts = items;
    this.dialog?.show(items);
    this.page.empty.offer(items);
    this.changed();
  }

  open() {
    this.dialog = new LibraryDialog(this.say, {
      use: (prompt) => this.useFromDialog(prompt),
      edit: (prompt) => this.edit(prompt),
      remove: ({ id }) => this.session.send({ t: "prompt_delete", prompt: id }),
      undo: (prompt) => this.session.send({ t: "prompt_undelete", prompt }),
    });
    this.dialog.show(this.prompts);
    this.refresh();
  }

  useFromDialog(prompt) {
    this.dialog.close();
    this.use(prompt);
  }

  edit(prompt) {
    this.form = new PromptForm(this.say, prompt ?? { name: "", text: "", shared: false }, (wanted) => this.save(wanted));
  }

  save(wanted) {
    this.key = newKey();
    if (!this.session.send({ t: "prompt_save", key: this.key, ...wanted })) this.form.refused(this.say("offline"));
  }

  /** @returns {boolean} whether the refusal was of a prompt */
  refused(key, sentence) {
    const mine = key !== null && key === this.key;
    if (mine) this.form?.refused(sentence);
    return mine;
  }

  /**
   * Put a prompt into the box, filled in.
   * @param {{name: string, text: string}} prompt
   * @param {(text: string) => void} [put] where to; else behind what is in the box
   */
  use(prompt, put = (text) => this.append(text)) {
    fillIn(this.say, prompt, (text) => put(text));
  }

  append(text) {
    const before = this.page.composer.box.value.trimEnd();
    this.page.composer.fill(before ? `${before}\n\n${text}` : text);
  }
}
