// Follows the process that a page started for a run. A run that begins, or ends, has a page that looks otherwise.
import { poll } from "../lib/polling.js";

const SECONDS = 2;
const notice = () => document.querySelector("[data-launch]");

// What was printed last is at the end: it stays in sight, unless somebody scrolled away from it.
function isAtEnd(tail) {
  return !tail || tail.scrollHeight - tail.scrollTop - tail.clientHeight < 8;
}

function place(tail, top) {
  if (tail) tail.scrollTop = top ?? tail.scrollHeight;
}

async function refresh() {
  const old = notice(), tail = old.querySelector("pre");
  const top = isAtEnd(tail) ? undefined : tail.scrollTop;
  const answer = await fetch(`/projects/launches/${old.dataset.launch}/`, { cache: "no-store" });
  if (!answer.ok) return answer.status >= 500;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-launch]");
  const began = fresh.dataset.runStatus !== old.dataset.runStatus;
  // The token of the form is the page's own.
  const token = old.querySelector("[name=csrfmiddlewaretoken]"), sent = fresh.querySelector("[name=csrfmiddlewaretoken]");
  if (token && sent) sent.replaceWith(token);
  const isHeld = old.querySelector("button:focus") !== null;
  old.replaceWith(fresh);
  if (isHeld) fresh.querySelector("button")?.focus();
  place(fresh.querySelector("pre"), top);
  if (began) location.reload();
  return !began && fresh.dataset.open === "1";
}

place(notice().querySelector("pre"));
if (notice().dataset.open === "1") poll(refresh, SECONDS);
