/** Files that are dropped anywhere over the conversation, or pasted into the box. */

import { element } from "./elements.js";
import { icon } from "./icons.js";

/**
 * @param {HTMLElement} stage
 * @param {HTMLElement} box
 * @param {string} words over the stage while files hover there
 * @param {(files: File[]) => void} caught
 */
export function catchFiles(stage, box, words, caught) {
  const veil = element("div", { class: "drop-veil", "aria-hidden": "true", hidden: true }, element("p", {}, icon("attach"), words));
  stage.append(veil);
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  stage.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  stage.addEventListener("dragleave", (event) => stage.contains(event.relatedTarget) || (veil.hidden = true));
  stage.addEventListener("drop", (event) => {
    veil.hidden = true;
    if (!carries(event)) return;
    event.preventDefault();
    caught([...event.dataTransfer.files]);
  });
  box.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData;
    // Text that was copied comes with a picture of itself from some programs: then the text is meant.
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    caught([...files]);
  });
}
