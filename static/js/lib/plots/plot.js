// One plot: drawn with ECharts on a canvas, saved as PNG, SVG or CSV, shown on the whole screen.
import { colour } from "../charts/colours.js";
import { fileName, save } from "../charts/saving.js";
import { optionOf } from "./kinds.js";

export class Plot {
  constructor(figure, data) {
    this.figure = figure;
    this.kind = figure.dataset.plot;
    this.data = data;
    this.choices = {};
    this.kept = null;
    this.chart = echarts.init(figure.querySelector(".canvas"), null, { renderer: "canvas" });
    this.wire();
    this.draw();
  }

  get title() { return this.figure.querySelector("h2").textContent; }

  wire() {
    const on = (name, action) => this.figure.querySelector(`[data-${name}]`)?.addEventListener("click", action);
    on("enlarge", () => this.toggleFull());
    on("png", async () => save(await this.png(), fileName(this.kind, "png")));
    on("svg", () => save(new Blob([this.svg()], { type: "image/svg+xml" }), fileName(this.kind, "svg")));
    on("csv", () => save(new Blob([this.csv()], { type: "text/csv" }), fileName(this.kind, "csv")));
    this.figure.querySelector("[data-front]")?.addEventListener("change", (event) => {
      this.choices.showsFront = event.target.checked;
      this.draw();
    });
  }

  // What a brush on another plot keeps; null is everything.
  keep(rows) {
    this.kept = rows;
    this.draw();
  }

  draw() { this.chart.setOption(optionOf(this.kind, this.data, this.kept, this.choices), { notMerge: true }); }

  resize() { this.chart.resize(); }

  toggleFull() {
    const isFull = this.figure.classList.toggle("full");
    document.documentElement.classList.toggle("has-full", isFull);
    this.figure.querySelector("[data-enlarge]").setAttribute("aria-pressed", isFull);
    this.resize();
  }

  png() {
    const address = this.chart.getDataURL({ pixelRatio: 2, backgroundColor: colour("surface") });
    const bytes = Uint8Array.from(atob(address.split(",")[1]), (sign) => sign.charCodeAt(0));
    return new Blob([bytes], { type: "image/png" });
  }

  svg(width = this.chart.getWidth(), height = this.chart.getHeight()) {
    const still = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
    still.setOption(optionOf(this.kind, this.data, this.kept, this.choices));
    const drawn = still.renderToSVGString();
    still.dispose();
    return drawn;
  }

  // The table beside it.
  csv() {
    const cell = (element) => {
      const text = (element.querySelector("[title]")?.title ?? element.textContent).trim();
      return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const rows = [...this.figure.querySelectorAll("details table tr")];
    return rows.map((row) => [...row.children].map(cell).join(",")).join("\r\n");
  }
}
