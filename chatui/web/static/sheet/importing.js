/** The page of imports: which file is chosen, and how far an import is, which follows by itself. */

import { follow } from "../admin/refresh.js";

const field = document.getElementById("import-file");
const chosen = document.getElementById("import-name");

function tell() {
  chosen.textContent = field.files[0]?.name ?? chosen.dataset.none;
}

field.addEventListener("change", tell);
// The browser may have kept what was chosen before.
window.addEventListener("pageshow", tell);
tell();
follow(document, 500);
