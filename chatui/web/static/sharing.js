/** Sharing a chat inside the team, and reading what others share. */

import { addressOf } from "./address.js";
import { copyText, toClipboard } from "./clipboard.js";
import { Dialog } from "./dialog.js";
import { element, setText } from "./elements.js";
import { icon, iconButton } from "./icons.js";

export class Sharing {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./page.js").Page} page
   * @param {import("./words.js").Say} say
   */
  constructor(session, page, say) {
    Object.assign(this, { session, page, say });
    /** What the server showed last: whether it is shared, or whose it is. */
    this.frame = null;
    this.dialog = null;
    this.words = element("span", { class: "share-words" });
    this.button = element("button", { type: "button", class: "share-button", hidden: true, onclick: () => this.open(session.current) }, icon("people"), this.words);
    page.topbar.root.insertBefore(this.button, page.picker.root);
    this.sign = element("p", { class: "reading-sign" });
    this.copy = element("button", { type: "button", class: "solid-button", onclick: () => session.send({ t: "copy", conversation: session.current }) }, say("reading_copy"));
    this.foot = element("div", { class: "reading-foot", hidden: true }, this.sign, this.copy);
    page.composer.root.append(this.foot);
    session.hear({ link: (frame) => this.linked(frame), withdrawn: (frame) => this.withdrawn(frame), copied: (frame) => this.copied(frame) });
    Object.assign(page.on, { conversation: (frame) => this.came(frame), shareEntries: (item) => this.entries(item) });
    page.whenShown(() => this.draw());
  }

  came(frame) {
    this.frame = frame;
    this.draw();
  }

  /** What is known of the conversation that is shown. */
  get shown() {
    return this.frame?.id === this.session.current ? this.frame : null;
  }

  draw() {
    const { current, passing } = this.session;
    const reading = this.shown?.reading ?? null;
    const viewer = this.page.person?.role === "viewer";
    this.page.reads(Boolean(reading) || viewer);
    this.foot.hidden = !reading && !viewer;
    this.copy.hidden = !reading?.copy;
    setText(this.page.empty.heading, this.say(viewer ? "viewer_heading" : "empty_heading"));
    setText(this.sign, reading ? this.say("reading_sign", { name: reading.by }) : this.say("viewer_note"));
    const link = this.linkOf(current);
    this.button.hidden = current === null || passing || Boolean(reading) || (viewer && !link);
    this.button.title = this.say(link ? "share_on" : "share");
    this.button.setAttribute("aria-label", this.button.title);
    this.button.toggleAttribute("data-shared", Boolean(link));
    setText(this.words, link ? this.say("share_short") : "");
  }

  /** As what one's own conversation is shared. */
  linkOf(conversation) {
    const listed = this.page.sidebar.list.item(conversation);
    return (listed ? listed.link : this.shown?.link) ?? null;
  }

  linked({ conversation, link }) {
    if (this.frame?.id === conversation) this.frame.link = link;
    const listed = this.page.sidebar.list.item(conversation);
    if (listed) listed.link = link;
    this.draw();
    if (this.dialog?.of === conversation) this.fill(link);
  }

  withdrawn({ conversation }) {
    if (conversation !== this.session.current) return;
    this.session.newChat();
    this.page.toasts.show(this.say("withdrawn"));
  }

  copied({ conversation }) {
    this.session.open(conversation);
    this.page.toasts.show(this.say("copied_chat"));
  }

  /** @returns {import("./popup.js").Entry[]} what can be done with a conversation, one's own or somebody else's */
  entries(item) {
    const copyLink = { name: this.say("share_copy"), icon: "copy", act: () => this.copyLink(item.link) };
    if (!item.by) return [{ name: this.say(item.link ? "share_on" : "share"), icon: "people", act: () => this.open(item.id) }];
    const viewer = this.page.person?.role === "viewer";
    const copy = { name: this.say("reading_copy"), icon: "compose", act: () => this.session.send({ t: "copy", conversation: item.id }) };
    return [copyLink, ...(viewer ? [] : [copy])];
  }

  async copyLink(link) {
    if (await toClipboard(addressIn(link))) this.page.toasts.show(this.say("copied"));
  }

  /** What others would see, the link, and the way back. */
  open(conversation) {
    const dialog = new Dialog(this.say, this.say("share"));
    dialog.root.addEventListener("close", () => (this.dialog = null));
    this.dialog = { of: conversation, dialog };
    this.fill(this.linkOf(conversation));
  }

  fill(link) {
    const { of: conversation, dialog } = this.dialog;
    const told = ["share_text", "share_see", "share_not"].map((key) => element("p", {}, this.say(key)));
    const act = (t) => () => this.session.send({ t, conversation });
    const start = element("div", { class: "dialog-buttons" }, element("button", { type: "button", class: "solid-button", autofocus: true, onclick: act("share") }, this.say("share_start")));
    dialog.fill(element("div", { class: "dialog-form share" }, ...told, ...(link ? this.shared(link, act("unshare")) : [start])));
  }

  shared(link, stop) {
    const names = { copy: this.say("share_copy"), copied: this.say("copied") };
    const field = element("input", { type: "text", class: "field", readonly: true, "aria-label": this.say("share_link"), value: addressIn(link), onfocus: () => field.select() });
    const copy = iconButton({ icon: "copy", name: names.copy, size: 16 });
    copy.addEventListener("click", () => copyText(field.value, copy, names));
    const end = element("button", { type: "button", class: "text-button danger", onclick: stop }, this.say("share_stop"));
    return [element("div", { class: "share-link" }, field, copy), element("div", { class: "share-end" }, element("p", {}, this.say("share_stop_fact")), end)];
  }
}

/** The whole address that a link has. */
function addressIn(link) {
  return new URL(addressOf(link), window.location.href).href;
}
