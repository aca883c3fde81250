/** What people do with the list of their conversations: rename, pin, file, archive, delete and take back. */

import { askLine } from "./dialog.js";
import { element } from "./elements.js";

export class Shelving {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./page.js").Page} page
   * @param {import("./words.js").Say} say
   */
  constructor(session, page, say) {
    Object.assign(this, { session, page, say });
    session.hear({ conversations: (frame) => this.listed(frame), deleted: (frame) => this.deleted(frame), found: (frame) => page.sidebar.search.show(frame) });
    Object.assign(page.on, {
      rename: (conversation, title) => session.send({ t: "rename", conversation, title }),
      view: (view) => session.send({ t: "view", view }),
      more: () => session.send({ t: "more" }),
      find: (n, text, before) => session.send({ t: "search", n, text, before }),
      openAt: (hit) => session.openAt(hit.conversation, hit.message),
      entries: (item, edit) => this.entries(item, edit),
      folderEntries: (folder) => this.folderEntries(folder),
    });
  }

  /** The list knows every title, also the one a new conversation got and the better one it gets later. */
  listed(frame) {
    this.page.sidebar.list.show(frame);
    const shown = this.page.sidebar.list.item(this.session.current);
    if (shown) this.page.topbar.show(shown.title);
  }

  deleted({ conversation, title, seconds }) {
    const undo = () => {
      this.session.send({ t: "undelete", conversation });
      this.session.open(conversation);
    };
    this.page.toasts.show(this.say("deleted", { title }), { name: this.say("undo"), act: undo }, seconds * 1000 - 1000);
  }

  /**
   * @param {{id: string, pinned: boolean, archived: boolean, folder: string | null}} item
   * @param {() => void} edit opens the field for its title
   * @returns {import("./popup.js").Entry[]}
   */
  entries(item, edit) {
    if (item.by) return this.page.on.shareEntries(item);
    const say = (t) => this.session.send({ t, conversation: item.id });
    const pin = item.pinned ? { name: this.say("unpin"), icon: "pin", act: () => say("unpin") } : { name: this.say("pin"), icon: "pin", act: () => say("pin") };
    const move = { name: this.say("move"), icon: "move", more: () => this.places(item) };
    const archive = { name: this.say("archive"), icon: "archive", act: () => say("archive") };
    const unarchive = { name: this.say("unarchive"), icon: "unarchive", act: () => say("unarchive") };
    return [
      { name: this.say("rename"), icon: "edit", act: edit },
      ...(item.archived ? [unarchive] : [pin, move, archive]),
      ...this.page.on.shareEntries(item),
      { name: this.say("export"), icon: "download", more: () => this.files(item) },
      { name: this.say("delete"), icon: "trash", kind: "danger", act: () => say("delete") },
    ];
  }

  /** What a conversation can be taken along as. */
  files({ id }) {
    const take = (as) => element("a", { href: `/conversations/${id}/export?as=${as}`, download: "" }).click();
    return ["markdown", "html", "json"].map((as) => ({ name: this.say(`export_${as}`), icon: "download", act: () => take(as) }));
  }

  /** The folders that a conversation can go to. */
  places(item) {
    const move = (to) => this.session.send({ t: "move", conversation: item.id, ...to });
    const folders = this.page.sidebar.list.shown.folders;
    return [
      ...folders.map(({ id, name }) => ({ name, icon: "folder", checked: id === item.folder, act: () => move({ folder: id }) })),
      ...(item.folder ? [{ name: this.say("move_out"), icon: "close", act: () => move({ folder: null }) }] : []),
      { name: this.say("folder_new"), icon: "add", act: () => this.askFolder((name) => move({ name })) },
    ];
  }

  folderEntries({ id, name }) {
    const rename = () => this.askFolder((given) => this.session.send({ t: "folder_rename", folder: id, name: given }), name);
    return [
      { name: this.say("folder_rename"), icon: "edit", act: rename },
      { name: this.say("folder_delete"), fact: this.say("folder_delete_fact"), icon: "trash", kind: "danger", act: () => this.session.send({ t: "folder_delete", folder: id }) },
    ];
  }

  async askFolder(given, value = "") {
    const title = this.say(value ? "folder_rename" : "folder_new");
    const name = await askLine(this.say, { title, label: this.say("folder_name"), value, action: this.say("save") });
    if (name) given(name);
  }
}
