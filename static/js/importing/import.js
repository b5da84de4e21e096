// Wires templates/importing/import.html: shows how far an import is until it ends, and then all that it found.
import { poll } from "../lib/polling.js";

const place = () => document.getElementById("live-import");
const isRunning = () => place().dataset.running === "true";

async function refresh() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok) return answer.status >= 500;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  place().replaceWith(fresh.getElementById("live-import"));
  if (!isRunning()) location.reload();
  return isRunning();
}

if (isRunning()) poll(refresh, 1);
