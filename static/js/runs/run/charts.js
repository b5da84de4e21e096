// Wires the Charts and the System tab of a run: curves, how they are drawn, and what the run still logs.
import { ChartPage, legendOf } from "../../lib/charts/page.js";
import { Settings } from "../../lib/charts/settings.js";
import { showButtons } from "../../lib/filter-list.js";
import { poll } from "../../lib/polling.js";

const place = document.querySelector("[data-live-src]");
const runId = document.querySelector("[data-legend][data-run]").dataset.run;
const settings = new Settings(place?.dataset.x ? { x: place.dataset.x } : {});
let etag = "";

async function refresh() {
  const answer = await fetch(place.dataset.liveSrc, { headers: etag ? { "If-None-Match": etag } : {}, cache: "no-store" });
  if (answer.status === 304) return true;
  if (!answer.ok) return answer.status >= 500;
  etag = answer.headers.get("ETag") ?? "";
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const counts = [...fresh.querySelectorAll("[data-metric]")].map((row) => [row.dataset.metric, Number(row.dataset.count)]);
  page.grow({ [runId]: Object.fromEntries(counts) });
  document.getElementById("live-status").replaceWith(fresh.getElementById("live-status"));
  return document.getElementById("live-status").dataset.status === "RUNNING";
}

const page = new ChartPage(legendOf(), settings);
if (place) {
  settings.wire(place.querySelector(".chart-controls"));
  page.watch(place);
  showButtons();
  if (document.getElementById("live-status").dataset.status === "RUNNING") poll(refresh);
}
