/** What can be done with the page as a whole, by a key or behind a slash. */

import { Answer, isUnderWay } from "./answer.js";
import { element } from "./elements.js";
import { HelpSheet } from "./help_sheet.js";

export class Commands {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./page.js").Page} page
   * @param {import("./library.js").Library} library
   * @param {import("./words.js").Say} say
   */
  constructor(session, page, library, say) {
    Object.assign(this, { session, page, library, say });
    const others = page.on.personEntries;
    page.on.personEntries = () => [
      ...others(),
      ...(page.sidebar.role === "viewer" ? [] : [{ name: say("import"), icon: "upload", act: () => this.import() }]),
      { name: say("help"), icon: "keys", act: () => this.help() },
    ];
  }

  newChat() {
    this.session.newChat();
  }

  newPassing() {
    this.session.newPassing();
  }

  search() {
    this.page.sidebar.seek();
  }

  focusBox() {
    this.page.composer.box.focus();
  }

  toggleList() {
    this.page.sidebar.toggle();
  }

  prompts() {
    this.library.open();
  }

  chooseModel() {
    if (!this.page.picker.button.disabled && !this.page.readOnly) this.page.picker.open();
  }

  help() {
    if (HelpSheet.last?.open) HelpSheet.last.close();
    else new HelpSheet(this.say);
  }

  /** The newest answer, when it is over. */
  get lastAnswer() {
    const last = [...this.page.transcript.shown.values()].at(-1);
    return last instanceof Answer && !isUnderWay(last.message) ? last : null;
  }

  again() {
    if (this.lastAnswer && !this.page.readOnly) this.session.again(this.lastAnswer.message.id, null);
  }

  copyAnswer() {
    this.lastAnswer?.root.querySelector(".copy")?.click();
  }

  /** @returns {boolean} whether there is something that a file can be made of */
  get canExport() {
    return this.session.current !== null && !this.session.passing && !this.page.readOnly;
  }

  export() {
    if (this.canExport) element("a", { href: `/conversations/${this.session.current}/export?as=markdown`, download: "" }).click();
  }

  import() {
    window.location.assign("/account/import");
  }

  previous() {
    this.step(-1);
  }

  next() {
    this.step(1);
  }

  /** To a neighbour in the list as it is drawn; from a new chat to the first. */
  step(by) {
    const ids = [...this.page.sidebar.list.root.querySelectorAll("a[data-id]")].filter((link) => link.checkVisibility?.() ?? true).map((link) => link.dataset.id);
    const at = ids.indexOf(this.session.current);
    const to = at < 0 ? ids[0] : ids[at + by];
    if (to) this.session.open(to);
  }

  /** Escape closes what is open, gives up a change, else stops the answer; tells whether it had something to do. */
  escape() {
    const { sidebar, composer, transcript } = this.page;
    if (sidebar.isOpen) sidebar.close();
    else if (composer.edits) composer.giveUp();
    else if (transcript.underWay !== null && !this.page.readOnly) this.session.stop();
    else return false;
    return true;
  }
}
