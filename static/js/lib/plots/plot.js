// One plot: drawn with ECharts on a canvas, saved as PNG, SVG or CSV, shown on the whole screen.
import { colour, hex } from "../charts/colours.js";
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

  svg() {
    return Plot.picture(this.kind, this.data, this.chart.getWidth(), this.chart.getHeight(), this.kept, this.choices);
  }

  // A plot as the text of an SVG, without a place on the page.
  static picture(kind, data, width, height, kept = null, choices = {}) {
    const still = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
    still.setOption({ ...optionOf(kind, data, kept, choices), backgroundColor: hex("surface") });
    const drawn = still.renderToSVGString();
    still.dispose();
    // What the library notes for scripts on a server is a third of the text.
    return drawn.replaceAll(/ ecmeta_\w+="[^"]*"/g, "");
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
