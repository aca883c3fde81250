/** Parts of a page that follow what happens: drawn by the server, and put in the place of the old ones. */

/**
 * Fetch the page again while anything on it is marked `data-busy`, and take over what is marked `data-live`.
 * @param {Document} page
 * @param {number} everyMs
 */
export function follow(page, everyMs) {
  if (page.querySelector("[data-busy]")) {
    setTimeout(() => void again(page, everyMs), everyMs);
  }
}

async function again(page, everyMs) {
  try {
    // After a form was refused the address is that of the form.
    const here = page.querySelector(".pages a[aria-current]")?.getAttribute("href") ?? location.pathname;
    const reply = await fetch(here, { headers: { accept: "text/html" } });
    if (reply.ok) {
      take(page, new DOMParser().parseFromString(await reply.text(), "text/html"));
    }
  } catch {
    // The server is away for a moment; the next time tells.
  }
  follow(page, everyMs);
}

function take(page, fresh) {
  for (const old of page.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    keepOpen(old, fresh);
    if (now && !now.isEqualNode(old) && !old.contains(page.activeElement)) {
      old.replaceWith(page.adoptNode(now));
    }
  }
}

/** What somebody opened stays open: it is known by its id. */
function keepOpen(old, fresh) {
  for (const opened of old.querySelectorAll("details[open][id]")) {
    fresh.getElementById(opened.id)?.setAttribute("open", "");
  }
}
