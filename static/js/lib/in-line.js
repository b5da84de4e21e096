// Lets so many questions be asked at once; the others wait in line. The first one is asked alone: the eye waits for it.
export function inLine(ask, most) {
  let open = 0, places = 1;
  const waiting = [];

  return async (...words) => {
    if (open < places) open++;
    else await new Promise((resolve) => { waiting.push(resolve); });
    try {
      return await ask(...words);
    } finally {
      open--;
      places = most;
      while (open < places && waiting.length) {
        open++;
        waiting.shift()();
      }
    }
  };
}
