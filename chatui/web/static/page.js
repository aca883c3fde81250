/** The parts of the page in their places, and what is shown when. */

import { Banners } from "./banners.js";
import { Composer } from "./composer.js";
import { element } from "./elements.js";
import { Empty } from "./empty.js";
import { Follow } from "./follow.js";
import { shortcutOf } from "./key_table.js";
import { Passing } from "./passing.js";
import { Picker } from "./picker.js";
import { Sidebar } from "./sidebar.js";
import { Toasts } from "./toasts.js";
import { Topbar } from "./topbar.js";
import { Transcript } from "./transcript.js";

export class Page {
  /**
   * @param {Object<string, HTMLElement>} places
   * @param {import("./words.js").Say} say
   * @param {(sentence: string) => void} announce
   */
  constructor(places, say, announce) {
    this.news = new EventTarget();
    /** Who sits here: their name and role, once the server has said so. */
    this.person = null;
    /** Whether what is shown can only be read. */
    this.readOnly = false;
    /** What people want; the session fills it in. */
    this.on = { personEntries: () => [{ name: say("settings"), icon: "settings", act: () => this.on.settings() }] };
    const newChat = () => this.on.newChat();
    const keys = { newChat: shortcutOf("newChat"), search: shortcutOf("search"), list: shortcutOf("toggleList") };
    this.sidebar = new Sidebar(places.sidebar, say, { newChat, newPassing: () => this.on.newPassing(), shortcuts: keys, list: this.on });
    this.toasts = new Toasts(say);
    this.picker = new Picker(say, (name) => this.on.choose(name));
    this.topbar = new Topbar(say, { openList: () => this.sidebar.open(), newChat, shortcut: keys.newChat }, this.picker.root);
    this.banners = new Banners();
    this.passing = new Passing(say, () => this.on.closePassing());
    this.transcript = new Transcript(say, this.on, announce);
    this.empty = new Empty(say, (text) => this.composer.fill(text));
    this.composer = new Composer(say, {
      ask: (text, key, edits) => this.on.ask(text, key, edits),
      stop: () => this.on.stop(),
      editing: (id) => this.transcript.markEdited(id),
      typed: () => this.news.dispatchEvent(new Event("typed")),
      leaving: () => this.on.leaving?.(),
    });
    this.lay(places, say);
  }

  lay(places, say) {
    const column = element("div", { class: "page-column" }, this.empty.root, this.transcript.root);
    places.topbar.append(this.topbar.root);
    places.banners.append(this.passing.root, this.banners.root);
    places.reading.append(column);
    places.reading.setAttribute("tabindex", "-1");
    places.foot.append(this.composer.root);
    this.composer.root.prepend(this.toasts.root);
    this.follow = new Follow(places.reading, column, this.composer.root, say);
    markLandmarks(places);
  }

  /** @param {{name: string, role: string}} person at this page */
  greet(person) {
    this.person = person;
    this.sidebar.greet(person);
    document.getElementById("samovar").toggleAttribute("data-viewer", person.role === "viewer");
    this.news.dispatchEvent(new Event("shown"));
  }

  /** @param {boolean} only whether what is shown can only be read: then there is no box */
  reads(only) {
    this.readOnly = only;
    this.composer.root.toggleAttribute("data-reads", only);
    document.getElementById("samovar").toggleAttribute("data-reads", only);
  }

  /** @param {() => void} listener told when something else is typed */
  whenTyped(listener) {
    this.news.addEventListener("typed", listener);
  }

  /** @param {() => void} listener told when another conversation, other messages or another model are shown */
  whenShown(listener) {
    this.news.addEventListener("shown", listener);
  }

  /** The transcript has something or nothing: show it, or the empty state. */
  refreshEmptiness(loading) {
    this.empty.root.hidden = loading || !this.transcript.empty;
  }

  /** With a keyboard the box is where the next word goes; on touch it would pull the keyboard up. */
  focusBox() {
    if (window.matchMedia("(hover: hover)").matches) this.composer.box.focus({ preventScroll: true });
  }
}

/** Gradio's own <main> holds the list, too: the landmarks are set where they belong. */
function markLandmarks(places) {
  document.querySelector("gradio-app main")?.setAttribute("role", "presentation");
  places.reading.closest("#stage")?.setAttribute("role", "main");
}
