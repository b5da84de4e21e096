// Wires the Plots tab: draws what comes near the window, lets a brush on the parallel axes filter the other plots, and asks
// for the forest's importance.
import { onColours } from "../../lib/charts/colours.js";
import { significant } from "../../lib/numbers.js";
import { Plot } from "../../lib/plots/plot.js";

const place = document.querySelector("[data-plots]");
const MOST_IN_ADDRESS = 100;
const plots = new Map();
let data, keptRows = null;

function draw(figure) {
  const plot = new Plot(figure, data);
  if (keptRows && plot.kind !== "parallel") plot.keep(keptRows);
  plots.set(figure, plot);
  if (plot.kind === "parallel") plot.chart.on("axisareaselected", () => brushed(plot));
  else plot.chart.on("click", ({ value }) => open(plot, value));
}

function open(plot, value) {
  const row = { scatter: value?.[3], box: value?.[2], contour: value?.[3] }[plot.kind];
  if (Number.isInteger(row) && data.runs[row].length === 1) location.href = `/runs/${data.runs[row][0]}/`;
}

// What stands between the ends of the brushes: the rows, and the brushes in words.
function brushed(plot) {
  const kept = new Set(plot.chart.getModel().getSeriesByIndex(0).getRawIndicesByActiveState("active"));
  const parts = plot.chart.getModel().queryComponents({ mainType: "parallelAxis" }).flatMap((axis) => wordsOf(axis));
  show(kept.size < data.names.length && parts.length ? kept : null, parts);
}

function wordsOf(axis) {
  const column = data.parallel.axes[axis.option.dim];
  return axis.activeIntervals.map(([low, high]) => (column.kind === "category"
    ? `${column.name} ${column.categories.slice(Math.max(0, Math.ceil(low)), Math.floor(high) + 1).join(", ")}`
    : `${column.name} ${significant(Math.min(low, high))} to ${significant(Math.max(low, high))}`));
}

function show(kept, parts) {
  const banner = document.querySelector("[data-brushed]");
  keptRows = kept;
  banner.hidden = kept === null;
  if (kept) {
    banner.querySelector("[data-words]").textContent = `${kept.size} of ${data.names.length}: ${parts.join(" and ")}`;
    const ids = [...kept].flatMap((row) => data.runs[row]);
    const keep = banner.querySelector("[data-keep]");
    keep.hidden = !ids.length || ids.length > MOST_IN_ADDRESS;
    keep.href = `?${addressOf(ids)}`;
  }
  for (const plot of plots.values()) if (plot.kind !== "parallel") plot.keep(kept);
}

function addressOf(ids) {
  const query = new URLSearchParams(location.search);
  for (const name of ["run", "q", "selection", "experiment", "sort", "desc"]) query.delete(name);
  for (const id of ids) query.append("run", id);
  return query;
}

async function askForest() {
  const table = document.querySelector("#importance-table[data-src]");
  if (!table) return;
  const answer = await fetch(`${table.dataset.src}${location.search}`);
  if (answer.status !== 200) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  table.replaceChildren(...fresh.body.children);
}

if (place) {
  data = JSON.parse(document.getElementById("plot-data").textContent);
  const numbers = data.target.values.filter((value) => value !== null);
  document.querySelector("[data-low]").textContent = significant(Math.min(...numbers));
  document.querySelector("[data-high]").textContent = significant(Math.max(...numbers));
  const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      draw(target);
    }
  }, { rootMargin: "300px" });
  for (const figure of place.querySelectorAll("figure[data-plot]")) near.observe(figure);
  const all = (action) => () => plots.forEach(action);
  onColours(all((plot) => plot.draw()));
  addEventListener("resize", all((plot) => plot.resize()));
  document.querySelector("[data-clear]").addEventListener("click", () => {
    show(null, []);
    all((plot) => plot.draw())();
  });
  askForest();
}
