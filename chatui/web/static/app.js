/** The chat page: waits for its places, builds its parts, and carries frames from the line to them. */

import { signInAddress } from "./address.js";
import { announcer } from "./announcer.js";
import { Branching } from "./branching.js";
import { Commands } from "./commands.js";
import { Connection, liveAddress } from "./connection.js";
import { Drafting } from "./drafting.js";
import { Files } from "./files.js";
import { inbox } from "./inbox.js";
import { listenForKeys } from "./keys.js";
import { Library } from "./library.js";
import { language as chosen } from "./memory.js";
import { Manners } from "./manners.js";
import { Meter } from "./meter.js";
import { News } from "./news.js";
import { Page } from "./page.js";
import { whenPresent } from "./places.js";
import { Preferences } from "./preferences.js";
import { Session } from "./session.js";
import { Sharing } from "./sharing.js";
import { Shelving } from "./shelving.js";
import { SideBySide } from "./side_by_side.js";
import { Slash } from "./slash.js";
import { pickLanguage, wording } from "./words.js";

async function start() {
  const places = await whenPresent(["sidebar", "topbar", "banners", "reading", "foot"]);
  const language = pickLanguage([chosen.get(), ...navigator.languages]);
  const say = wording(document, language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : language;
  const page = new Page(places, say, announcer(document.body));
  const session = new Session(page, language);
  new Shelving(session, page, say);
  new Sharing(session, page, say);
  new Branching(session, page, say);
  new Drafting(session, page);
  new Manners(session, page, say);
  new Meter(session, page, say);
  new SideBySide(session, page, say);
  new Files(session, page, say);
  new Preferences(session, page, say);
  new News(page, say);
  const library = new Library(session, page, say);
  const commands = new Commands(session, page, library, say);
  new Slash(page.composer, library, commands, say);
  const take = inbox((frame) => session.take(frame), () => page.follow.keep());
  const connection = new Connection(liveAddress(window.location), {
    hello: () => session.hello(),
    onFrame: take,
    onUp: () => {
      session.up();
      library.refresh();
    },
    onDown: () => session.down(),
    onOver: () => window.location.assign(signInAddress(window.location)),
  });
  session.hear({ shared: ({ sentence }) => page.banners.set("shared", sentence), notice: ({ sentence }) => page.banners.set("notice", sentence) });
  session.join(connection);
  listenForKeys(commands);
  window.addEventListener("popstate", () => session.showAddressed());
  document.getElementById("hearth")?.remove();
  connection.connect();
}

start();
