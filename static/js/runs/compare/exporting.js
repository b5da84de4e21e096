// "Export" on the compare page: the file from the server, with the plots drawn into it. Without script the link gives the
// file without plots.
import { Plot } from "../../lib/plots/plot.js";
import { save } from "../../lib/charts/saving.js";

const SIZES = { parallel: [1280, 420], usual: [620, 420] };
const LIBRARY_PLACE = "data-echarts";

function library(address) {
  if (window.echarts) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

const parsed = (text) => new DOMParser().parseFromString(text, "text/html");
const textOf = async (address) => {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.text();
};

async function pictures(link) {
  const query = new URLSearchParams(location.search);
  query.set("tab", "plots");
  const page = parsed(await textOf(`/compare/?${query}`));
  const held = page.getElementById("plot-data");
  if (!held) return "";
  await library(link.getAttribute(LIBRARY_PLACE));
  const data = JSON.parse(held.textContent);
  const drawn = [...page.querySelectorAll("figure[data-plot]")].map((figure) => {
    const kind = figure.dataset.plot;
    const title = Object.assign(document.createElement("h3"), { textContent: figure.dataset.title });
    return `<figure class="${kind === "parallel" ? "whole" : ""}">${title.outerHTML}${Plot.picture(kind, data, ...(SIZES[kind] ?? SIZES.usual), null, { isCoarse: true })}</figure>`;
  });
  const importance = page.getElementById("importance-table");
  return `<h2>Plots</h2><div class="plot-pictures">${drawn.join("")}</div>${importance ? `<h3>Importance</h3>${importance.innerHTML}` : ""}`;
}

export function wireExport() {
  const link = document.querySelector("[data-export]");
  link?.addEventListener("click", async (event) => {
    event.preventDefault();
    link.setAttribute("aria-busy", "true");
    try {
      const [text, plots] = await Promise.all([textOf(link.href), pictures(link)]);
      const place = '<section id="plots" aria-label="Plots">';
      save(new Blob([text.replace(place, () => place + plots)], { type: "text/html" }), "comparison.html");
    } catch (error) {
      location.href = link.href;
    }
    link.removeAttribute("aria-busy");
  });
}
