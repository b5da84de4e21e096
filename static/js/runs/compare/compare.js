// Wires templates/runs/compare/page.html. Without it links and forms do all but draw.
import { showButtons, wireFilters } from "../../lib/filter-list.js";
import { wireTabs } from "../../lib/tabs.js";
import { wireCharts } from "./charts.js";
import { wireDifferences } from "./differences.js";
import { wireExport } from "./exporting.js";
import { wireMedia } from "./media.js";

showButtons();
wireFilters();
wireTabs();
wireDifferences();
wireMedia();
wireExport();
if (document.querySelector(".compare [data-legend]")) wireCharts();
document.querySelector("[data-copy-link]")?.addEventListener("click", async (event) => {
  const label = event.currentTarget.querySelector(".label");
  await navigator.clipboard?.writeText(location.href);
  label.textContent = "Copied";
  setTimeout(() => { label.textContent = "Copy link"; }, 1500);
});
