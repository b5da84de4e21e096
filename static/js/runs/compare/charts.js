// The Charts tab: overlaid curves, the rail that shows and hides lines, and what runs still log.
import { ChartPage, legendOf } from "../../lib/charts/page.js";
import { Settings, remember } from "../../lib/charts/settings.js";
import { poll } from "../../lib/polling.js";

const HIDDEN = "hidden";
const SECONDS = 4;
const place = document.querySelector(".compare");
const rows = () => [...document.querySelectorAll(".run-rail [data-run]")];

function setHidden(item, hidden) {
  item.classList.toggle(HIDDEN, hidden);
  item.querySelector(".swatch")?.classList.toggle("off", hidden);
  item.querySelector(".eye").setAttribute("aria-pressed", !hidden);
  const use = item.querySelector(".eye use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, hidden ? "#eye-off" : "#eye"));
}

// Only what differs from the page as it comes is in the address: some lines of many are hidden at first.
function rememberHidden() {
  const ids = (chosen) => rows().filter(chosen).map((item) => item.dataset.run);
  remember("hide", ids((item) => item.classList.contains(HIDDEN) && !("undrawn" in item.dataset)));
  remember("show", ids((item) => !item.classList.contains(HIDDEN) && "undrawn" in item.dataset));
}

function wireRail(page) {
  const query = new URLSearchParams(location.search);
  const gone = new Set(query.getAll("hide")), called = new Set(query.getAll("show"));
  const change = (items, hidden) => {
    for (const item of items) setHidden(item, hidden);
    rememberHidden();
    page.setContenders(legendOf());
    page.show();
  };
  for (const item of rows()) {
    const id = item.dataset.run;
    setHidden(item, gone.has(id) || ("undrawn" in item.dataset && !called.has(id)));
    item.querySelector(".eye").addEventListener("click", () => change([item], !item.classList.contains(HIDDEN)));
    item.addEventListener("pointerenter", () => page.highlight(id));
    item.addEventListener("pointerleave", () => page.highlight(null));
  }
  document.querySelector("[data-draw-all]")?.addEventListener("click", () => change(rows(), false));
  document.querySelector("[data-draw-none]")?.addEventListener("click", () => change(rows(), true));
}

function wireLive(page) {
  const runs = place.dataset.runs.split(" ");
  const asked = new URLSearchParams(location.search);
  let since = "";
  async function refresh() {
    asked.set("since", since);
    const answer = await fetch(`${place.dataset.liveSrc}?${asked}`, { cache: "no-store" });
    if (!answer.ok) return answer.status >= 500;
    const now = await answer.json();
    since = String(now.time);
    page.grow(now.points);
    if (Object.keys(now.points).length) refreshNumbers();
    tellRunning(now.running);
    tellJoined(now.runs.filter((id) => !runs.includes(id)).length);
    return now.running > 0 || "live" in place.dataset;
  }
  poll(refresh, SECONDS);
}

// The values in the list are written by the server.
async function refreshNumbers() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const item of rows()) {
    const written = fresh.querySelector(`.run-rail [data-run="${CSS.escape(item.dataset.run)}"] > .number`);
    if (written) item.querySelector(":scope > .number").replaceWith(written);
  }
}

function tellRunning(running) {
  const words = document.getElementById("still-running");
  if (words) words.textContent = running ? `${running} still running` : "all ended";
}

// New runs come in when they are asked for, so that nothing moves under the mouse.
function tellJoined(count) {
  const bar = document.querySelector("[data-joined]");
  if (!bar) return;
  bar.hidden = !count;
  bar.querySelector("span").textContent = `${count} more run${count === 1 ? "" : "s"} match${count === 1 ? "es" : ""} by now.`;
}

export function wireCharts() {
  const settings = new Settings();
  const form = document.querySelector(".chart-controls");
  if (form) settings.wire(form);
  const page = new ChartPage([], settings);
  wireRail(page);
  page.setContenders(legendOf());
  page.watch(document);
  if (Number(place.dataset.running) > 0 || "live" in place.dataset) wireLive(page);
}
