// Wires templates/exporting/comparison.html: curves from the points that the file itself holds.
import { ChartPage, legendOf } from "../lib/charts/page.js";
import { Settings } from "../lib/charts/settings.js";

const held = JSON.parse(document.getElementById("series").textContent);

// Answers as the server would: all points that are here, whatever the window.
async function source(address, key, runIds) {
  const wanted = new Set(runIds);
  return new Map((held[key] ?? []).filter((series) => wanted.has(series.run_id)).map((series) => [series.run_id, series]));
}

const settings = new Settings();
const form = document.querySelector(".chart-controls");
if (form) settings.wire(form);
const page = new ChartPage([], settings, source);
const rows = [...document.querySelectorAll(".legend [data-run]")];
const take = () => {
  for (const row of rows) row.classList.toggle("hidden", !row.querySelector("input").checked);
  page.setContenders(legendOf());
};
take();
for (const row of rows) {
  row.querySelector("input").addEventListener("change", () => { take(); page.show(); });
  row.addEventListener("pointerenter", () => page.highlight(row.dataset.run));
  row.addEventListener("pointerleave", () => page.highlight(null));
}
page.watch(document);
