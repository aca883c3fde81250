/** One file on its way to the server. */

const LONGEST_NAME = 300;

export class Upload {
  /**
   * @param {File} file
   * @param {string | null} place beside which conversation's question it was put
   */
  constructor(file, place) {
    Object.assign(this, { file, place, name: file.name, size: file.size });
    /** @type {"waiting" | "coming" | "refused"} */
    this.state = "waiting";
    /** Of it that is there, 0 to 1; then it is read. */
    this.share = 0;
    this.sentence = "";
    /** Whether it may get through when it is sent again. */
    this.lost = false;
  }

  /**
   * @param {boolean} passing beside a temporary chat that is not begun
   * @param {{moved: () => void, kept: (item: object) => void, refused: (sentence: string | null) => void}} told
   */
  send(passing, { moved, kept, refused }) {
    const request = new XMLHttpRequest(); // fetch tells nothing of what is sent
    Object.assign(this, { request, state: "coming", share: 0 });
    request.open("POST", "/attachments");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-File-Name", encodeURIComponent(nameOf(this.file)));
    if (passing) request.setRequestHeader("X-Temporary", "1");
    else if (this.place) request.setRequestHeader("X-Conversation", this.place);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      this.share = total ? loaded / total : 0;
      moved();
    });
    request.addEventListener("load", () => {
      if (request.status === 201) kept(JSON.parse(request.responseText));
      else refused(isSentence(request) ? request.responseText : null);
    });
    request.addEventListener("error", () => refused(null));
    request.send(this.file);
  }

  /** @param {string} sentence why it is not taken */
  refuse(sentence, lost = false) {
    Object.assign(this, { state: "refused", sentence, lost });
  }

  stop() {
    this.request?.abort();
  }
}

/** Its end is what tells most; half a pair of surrogates cannot be sent. */
function nameOf({ name }) {
  const end = name.slice(-LONGEST_NAME);
  return end.toWellFormed?.() ?? end;
}

function isSentence(request) {
  return request.getResponseHeader("Content-Type")?.startsWith("text/plain") && request.status < 500;
}
