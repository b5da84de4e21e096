// Wires templates/runs/run/overview.html: curves, search in params, and what changes while the run logs.
import { ChartPage, legendOf } from "../../lib/charts/page.js";
import { showButtons, wireFilters } from "../../lib/filter-list.js";
import { poll } from "../../lib/polling.js";

const page = new ChartPage(legendOf());
const address = document.querySelector("[data-live-src]").dataset.liveSrc;
const runId = document.querySelector("[data-legend][data-run]").dataset.run;
let etag = "";

const isRunning = () => document.getElementById("live-status").dataset.status === "RUNNING";

function countsOf(root) {
  return new Map([...root.querySelectorAll("[data-metric]")].map((row) => [row.dataset.metric, Number(row.dataset.count)]));
}

// Puts each part of `fresh` in the place of the one with its id. Returns the counts of points by key, and the keys unseen so far.
// What holds an open menu, or a choice that is being made, must not vanish under the mouse: it stays, and `kept` says so.
function swap(fresh) {
  const before = countsOf(document), now = countsOf(fresh);
  let kept = false;
  for (const part of fresh.querySelectorAll("[id^='live-']")) {
    const old = document.getElementById(part.id);
    if (old?.querySelector("details[open], select:focus")) kept = true;
    else old?.replaceWith(part);
  }
  return { kept, counts: now, unseen: [...now.keys()].filter((key) => !before.has(key)) };
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

// A run that has ended has facts that a running one has not.
async function replaceFacts() {
  const answer = await fetch(location.href);
  if (answer.ok) document.querySelector("aside .facts").replaceWith(parse(await answer.text()).querySelector("aside .facts"));
}

async function refresh() {
  const answer = await fetch(address, { headers: etag ? { "If-None-Match": etag } : {}, cache: "no-store" });
  if (answer.status === 304) return true;
  if (!answer.ok) return answer.status >= 500;
  const { kept, counts, unseen } = swap(parse(await answer.text()));
  etag = kept ? "" : (answer.headers.get("ETag") ?? "");
  if (!isRunning()) await replaceFacts();
  if (unseen.length) await replaceColumn();
  else page.grow({ [runId]: Object.fromEntries(counts) });
  return isRunning();
}

page.watch(document);
showButtons();
wireFilters();
if (isRunning()) poll(refresh);
