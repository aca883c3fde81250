/** Frames are applied in their order, together, once per frame of the screen. */

/**
 * @param {(frame: object) => void} apply
 * @param {() => void} afterwards once per batch
 * @returns {(frame: object) => void} takes a frame
 */
export function inbox(apply, afterwards) {
  let waiting = [];
  let asked = false;

  const drain = () => {
    asked = false;
    const batch = waiting;
    waiting = [];
    try {
      batch.forEach(apply);
    } finally {
      afterwards();
    }
  };

  return (frame) => {
    waiting.push(frame);
    // A hidden page gets no animation frames: without this the answer would pile up until somebody looks.
    if (document.hidden) drain();
    else if (!asked) {
      asked = true;
      requestAnimationFrame(drain);
    }
  };
}
