// Which runs the charts draw, and the charts beside the table: a row under the mouse and its line light each other up.
import { ChartPage, legendOf } from "../../lib/charts/page.js";
import { addressWith } from "./address.js";

export function wireDrawing(form) {
  const charts = document.querySelector("[data-charts]");
  const page = charts ? new ChartPage(legendOf()) : null;
  page?.watch(charts);

  function draw(button) {
    const pressed = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", pressed);
    button.querySelector(".swatch").classList.toggle("off", !pressed);
    const drawn = [...form.querySelectorAll("tr:has(.draw[aria-pressed=true])")].map((row) => row.dataset.runId);
    const address = addressWith({ draw: drawn.length ? drawn : ["none"] });
    if (charts) location.assign(address);
    else history.replaceState(null, "", address);
  }

  function wire() {
    for (const button of form.querySelectorAll(".draw:not([data-wired])")) {
      button.hidden = false;
      button.dataset.wired = "";
      button.addEventListener("click", () => draw(button));
    }
  }

  if (page) {
    form.addEventListener("pointerover", (event) => page.highlight(event.target.closest("tr")?.dataset.runId ?? null));
    charts.addEventListener("pointerover", (event) => {
      const run = event.target.closest("[data-legend] [data-run]")?.dataset.run;
      for (const row of form.querySelectorAll("tr[data-run-id]")) row.classList.toggle("lit", row.dataset.runId === run);
      page.highlight(run ?? null);
    });
  }
  wire();
  return { refresh() { wire(); page?.reload(); } };
}
