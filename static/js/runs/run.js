// Wires templates/runs/run.html: curves, search in params, and what changes while the run logs.
import { ChartPage, legendRuns } from "../lib/chart-cards.js";
import { showButtons, wireFilters } from "../lib/filter-list.js";
import { poll } from "../lib/polling.js";

const page = new ChartPage(legendRuns());
const address = document.querySelector("[data-live-src]").dataset.liveSrc;
let etag = "";

const isRunning = () => document.getElementById("live-status").dataset.status === "RUNNING";

function countsOf(root) {
  return new Map([...root.querySelectorAll("[data-metric]")].map((row) => [row.dataset.metric, row.dataset.count]));
}

// Puts each part of `fresh` in the place of the one with its id. Returns the keys with new points, and those unseen so far.
// What holds an open menu must not vanish under the mouse: it stays, and `kept` says so.
function swap(fresh) {
  const before = countsOf(document), now = countsOf(fresh);
  let kept = false;
  for (const part of fresh.querySelectorAll("[id^='live-']")) {
    const old = document.getElementById(part.id);
    if (old?.querySelector("details[open]")) kept = true;
    else old?.replaceWith(part);
  }
  const grown = [...now.keys()].filter((key) => before.has(key) && before.get(key) !== now.get(key));
  return { kept, grown: new Set(grown), unseen: [...now.keys()].filter((key) => !before.has(key)) };
}

const parse = (text) => new DOMParser().parseFromString(text, "text/html");

// A key that the page has no chart for changes its plan, so that the column is fetched whole.
async function replaceColumn() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const column = parse(await answer.text()).querySelector(".run-overview > .column");
  const old = document.querySelector(".run-overview > .column");
  page.forget(old);
  old.replaceWith(column);
  showButtons(column);
  wireFilters(column);
  page.watch(column);
}

async function refresh() {
  const answer = await fetch(address, { headers: etag ? { "If-None-Match": etag } : {}, cache: "no-store" });
  if (answer.status === 304) return true;
  if (!answer.ok) return answer.status >= 500;
  const { kept, grown, unseen } = swap(parse(await answer.text()));
  etag = kept ? "" : (answer.headers.get("ETag") ?? "");
  if (unseen.length) await replaceColumn();
  else page.refresh(grown);
  return isRunning();
}

page.watch(document);
showButtons();
wireFilters();
if (isRunning()) poll(refresh);
