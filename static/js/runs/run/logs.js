// Follows what a run prints: new lines come below the others, and the end stays in sight.
import { showButtons } from "../../lib/filter-list.js";
import { poll } from "../../lib/polling.js";

const SECONDS = 2;
// Beyond so many lines the oldest ones go; a link leads back to them.
const MOST_LINES = 5000;
const place = document.querySelector("[data-console]");
const box = document.querySelector("[data-follow]");
let isPolling = false;

const toEnd = () => { place.scrollTop = place.scrollHeight; };

async function refresh() {
  if (!box.checked) { isPolling = false; return false; }
  const query = new URLSearchParams(location.search);
  query.set("after", place.querySelector("pre:last-child").dataset.last);
  const answer = await fetch(`?${query}`, { cache: "no-store" });
  if (!answer.ok) return answer.status >= 500;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("pre");
  if (fresh.children.length) {
    place.append(fresh);
    const lines = place.querySelectorAll(".line");
    for (const line of [...lines].slice(0, Math.max(0, lines.length - MOST_LINES))) line.remove();
    toEnd();
  }
  return true;
}

function follow() {
  toEnd();
  if (isPolling) return;
  isPolling = true;
  poll(refresh, SECONDS);
}

showButtons();
if (place) toEnd();
if (box) {
  box.addEventListener("change", () => { if (box.checked) follow(); });
  // Who scrolls up wants to read, not to be pulled down again.
  place.addEventListener("wheel", (event) => { if (event.deltaY < 0) box.checked = false; }, { passive: true });
  if (box.checked) follow();
}
