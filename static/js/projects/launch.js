// Follows the process that a page started for a run. A run that begins, or ends, has a page that looks otherwise.
import { poll } from "../lib/polling.js";

const SECONDS = 2;
const notice = () => document.querySelector("[data-launch]");

async function refresh() {
  const old = notice();
  const answer = await fetch(`/projects/launches/${old.dataset.launch}/`, { cache: "no-store" });
  if (!answer.ok) return answer.status >= 500;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-launch]");
  const began = fresh.dataset.runStatus !== old.dataset.runStatus;
  // The token of the form is the page's own.
  const token = old.querySelector("[name=csrfmiddlewaretoken]"), place = fresh.querySelector("[name=csrfmiddlewaretoken]");
  if (token && place) place.replaceWith(token);
  old.replaceWith(fresh);
  if (began) location.reload();
  return !began && fresh.dataset.open === "1";
}

if (notice().dataset.open === "1") poll(refresh, SECONDS);
