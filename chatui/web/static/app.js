/** The chat page: waits for its places, builds its parts, and carries frames from the line to them. */

import { signInAddress } from "./address.js";
import { announcer } from "./announcer.js";
import { Connection, liveAddress } from "./connection.js";
import { inbox } from "./inbox.js";
import { listenForKeys } from "./keys.js";
import { Page } from "./page.js";
import { whenPresent } from "./places.js";
import { Session } from "./session.js";
import { pickLanguage, wording } from "./words.js";

async function start() {
  const places = await whenPresent(["sidebar", "topbar", "banners", "reading", "foot"]);
  const language = pickLanguage(navigator.languages);
  const say = wording(document, language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : language;
  const page = new Page(places, say, announcer(document.body));
  const session = new Session(page, language);
  const take = inbox((frame) => session.take(frame), () => page.follow.keep());
  const connection = new Connection(liveAddress(window.location), {
    hello: () => session.hello(),
    onFrame: take,
    onUp: () => session.up(),
    onDown: () => session.down(),
    onOver: () => window.location.assign(signInAddress(window.location)),
  });
  session.join(connection);
  listenForKeys({ newChat: () => session.newChat(), escape: () => session.escape() });
  window.addEventListener("popstate", () => session.showAddressed());
  document.getElementById("hearth")?.remove();
  connection.connect();
}

start();
