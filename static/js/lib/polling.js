// Asks again every few seconds while the page is looked at, until `ask` answers false.
export function poll(ask, seconds = 3) {
  let timer;
  let asking = false;

  async function turn() {
    if (asking) return;
    asking = true;
    const goOn = await ask().catch(() => true);
    asking = false;
    if (!goOn) document.removeEventListener("visibilitychange", look);
    else if (!document.hidden) timer = setTimeout(turn, seconds * 1000);
  }

  function look() {
    clearTimeout(timer);
    if (!document.hidden) turn();
  }

  document.addEventListener("visibilitychange", look);
  if (!document.hidden) timer = setTimeout(turn, seconds * 1000);
}
