// Wires templates/runs/compare.html: overlaid curves, the rail that shows and hides runs, and what runs still log.
import { ChartPage, legendRuns } from "../lib/chart-cards.js";
import { showButtons, wireFilters } from "../lib/filter-list.js";
import { poll } from "../lib/polling.js";

const HIDDEN = "hidden";
const place = document.querySelector(".compare");
let points = null;

// Which runs are hidden stays in the address, as everything else that a page shows.
function remember(name, values) {
  const address = new URL(location.href);
  address.searchParams.delete(name);
  for (const value of values) address.searchParams.append(name, value);
  history.replaceState(null, "", address);
}

function setHidden(item, hidden) {
  item.classList.toggle(HIDDEN, hidden);
  item.querySelector(".swatch")?.classList.toggle("off", hidden);
  item.querySelector(".eye").setAttribute("aria-pressed", !hidden);
  const use = item.querySelector(".eye use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, hidden ? "#eye-off" : "#eye"));
}

function wireRail(page) {
  const gone = new Set(new URLSearchParams(location.search).getAll("hide"));
  for (const item of document.querySelectorAll(".run-rail [data-run]")) {
    setHidden(item, gone.has(item.dataset.run));
    item.querySelector(".eye").addEventListener("click", () => {
      setHidden(item, !item.classList.contains(HIDDEN));
      remember("hide", [...document.querySelectorAll(`.run-rail .${HIDDEN}`)].map((other) => other.dataset.run));
      page.runs = legendRuns();
      page.draw();
    });
    item.addEventListener("pointerenter", () => page.highlight(item.dataset.run));
    item.addEventListener("pointerleave", () => page.highlight(null));
  }
}

function wireLog(page) {
  const box = document.querySelector("[data-y-log]");
  box?.form.addEventListener("submit", (event) => event.preventDefault());
  box?.addEventListener("change", () => {
    page.log = box.checked;
    remember("log", box.checked ? ["1"] : []);
    page.draw();
  });
}

async function refresh(page) {
  const runs = new URLSearchParams(legendRuns().map((run) => ["run", run.id]));
  const answer = await fetch(`${place.dataset.liveSrc}?${runs}`, { cache: "no-store" });
  if (!answer.ok) return answer.status >= 500;
  const now = await answer.json();
  const grown = Object.keys(now.points).filter((key) => points?.[key] !== now.points[key]);
  points = now.points;
  page.refresh(new Set(grown));
  const words = document.getElementById("still-running");
  if (words) words.textContent = now.running ? `${now.running} still running` : "all ended";
  return now.running > 0;
}

function drawCharts() {
  const page = new ChartPage([], { log: document.querySelector("[data-y-log]")?.checked ?? false });
  wireRail(page);
  wireLog(page);
  page.runs = legendRuns();
  page.watch(document);
  if (Number(place.dataset.running) > 0) poll(() => refresh(page), 4);
}

showButtons();
wireFilters();
if (place) drawCharts();
