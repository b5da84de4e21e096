// One chart of a page: what it holds of its series, what it asks for, and its buttons.
import { axisOf, keyOf, placesOn } from "./axes.js";
import { highlight, lineChart } from "./line-chart.js";
import { linesOf } from "./lines.js";
import { fileName, pngOf, save, svgOf } from "./saving.js";
import { extended, lastPlace, pointsFor, windowOf } from "./series.js";

//: A zoomed chart asks for a little more than it shows, so that lines run to its edges.
const MARGIN = 0.05;
//: A line that has grown to so many times the points that were asked for is thinned again.
const OVERGROWN = 3;

export class Card {
  constructor(figure, page) {
    this.figure = figure;
    this.page = page;
    this.log = figure.dataset.scale === "log";
    this.whole = null;
    this.zoomed = null;
    this.yRange = null;
    this.wire();
  }

  get key() { return this.figure.dataset.key; }
  get isDrawn() { return this.whole !== null; }
  get isLog() { return this.log || this.page.settings.log; }
  get points() { return pointsFor(this.canvas.clientWidth, this.page.shownRuns.length || 1); }
  get canvas() { return this.figure.querySelector(".canvas"); }
  get axis() { return axisOf(this.page.settings.x, [...(this.whole ?? new Map()).values()]); }
  get range() { return this.page.rangeOn(this.axis); }

  wire() {
    const on = (name, press) => {
      const button = this.figure.querySelector(`[data-${name}]`);
      button?.addEventListener("click", (event) => press(event.currentTarget));
      return button;
    };
    this.figure.querySelector("[data-buttons]").hidden = false;
    this.resetButton = on("reset", () => this.reset());
    on("log", (button) => {
      this.log = !this.log;
      button.setAttribute("aria-pressed", this.log);
      this.draw();
    });
    on("png", async () => this.plot && save(await pngOf(this.plot, this.key), fileName(this.key, "png")));
    on("svg", () => this.plot && save(new Blob([svgOf(this.plot, this.key)], { type: "image/svg+xml" }), fileName(this.key, "svg")));
    on("csv", (button) => { button.href = this.page.csvAddress(this.key); });
    on("link", () => this.page.copyLink(this.key));
    on("pin", () => this.page.togglePin(this));
    this.enlargeButton = on("enlarge", () => this.toggleFull());
  }

  toggleFull() {
    const full = this.figure.classList.toggle("full");
    document.documentElement.classList.toggle("has-full", full);
    this.enlargeButton.setAttribute("aria-pressed", full);
    this.load();
  }

  reset() {
    this.yRange = null;
    this.page.zoom(null);
    this.draw();
  }

  // Asks for all of the series, and for the window where the chart is zoomed. A later question overtakes an earlier one.
  async load() {
    const ids = this.page.shownRuns;
    await this.asking(async (signal) => {
      this.isOld = false;
      const x = keyOf(this.page.settings.x);
      if (!ids.length) this.whole = new Map();
      else this.whole = await this.page.source(this.figure.dataset.src, this.key, ids, this.points, { x, signal });
      this.asked = { ids: new Set(ids), x, points: this.points };
      await this.zoomIn(signal);
    });
  }

  async loadWindow() {
    if (this.whole) await this.asking((signal) => this.zoomIn(signal));
  }

  async zoomIn(signal) {
    this.zoomed = null;
    if (this.range && [...this.whole.values()].some((series) => !series.exact)) {
      const windows = this.windows();
      const x = keyOf(this.page.settings.x);
      this.zoomed = await this.page.source(this.figure.dataset.src, this.key, [...windows.keys()], this.points, { windows, x, signal });
    }
    this.draw();
  }

  // What to ask of each run, in the units of its series.
  windows() {
    const [from, to] = this.range;
    const margin = (to - from) * MARGIN;
    const ends = [from - margin, to + margin];
    const found = new Map();
    for (const [id, series] of this.whole) {
      if (!series.values.length) continue;
      const isOwn = this.axis.name === "step";
      found.set(id, isOwn ? ends : windowOf(series, placesOn(this.axis, series, series.timestamps[0]), ends));
    }
    return found;
  }

  async asking(ask) {
    this.request?.abort();
    this.request = new AbortController();
    try {
      await ask(this.request.signal);
    } catch (error) {
      if (error.name !== "AbortError") this.say(`Not loaded: ${error.message}`);
    }
  }

  // Runs have logged: `counts` says how many points their series have by now. Only what is new is fetched.
  async grow(counts) {
    const grown = [...counts].filter(([id, count]) => this.page.isShown(id) && (this.whole.get(id)?.count ?? 0) !== count);
    if (!grown.length) return;
    const known = grown.every(([id]) => this.whole.get(id)?.values.length);
    if (!known || this.range || this.asked.x) { await this.load(); return; }
    await this.asking(async (signal) => {
      const windows = new Map(grown.map(([id]) => [id, [lastPlace(this.whole.get(id)), Infinity]]));
      const tails = await this.page.source(this.figure.dataset.src, this.key, [...windows.keys()], this.points, { windows, signal });
      if (this.takeTails(tails)) this.draw();
      else await this.load();
    });
  }

  takeTails(tails) {
    for (const [id, tail] of tails) {
      const joined = extended(this.whole.get(id), tail);
      if (joined === null || joined.values.length > OVERGROWN * this.asked.points) return false;
      this.whole.set(id, joined);
    }
    return true;
  }

  // Draws what is there; runs that were hidden until now are fetched first.
  show() {
    if (!this.whole) return;
    const x = keyOf(this.page.settings.x);
    if (x !== this.asked.x || this.page.shownRuns.some((id) => !this.asked.ids.has(id))) this.load();
    else this.draw();
  }

  draw() {
    if (!this.whole) return;
    const { settings } = this.page;
    const { axis } = this;
    const origins = new Map([...this.whole].map(([id, series]) => [id, series.timestamps[0]]));
    const held = new Map([...this.whole, ...(this.zoomed ?? [])]);
    this.lines = linesOf(this.page.shown, held, axis, origins, settings);
    this.plot?.destroy();
    this.plot = lineChart(this.figure, this.lines, {
      axis, log: this.isLog, xlog: settings.xlog, clip: settings.clip, range: this.range, yRange: this.yRange,
      on: {
        zoom: (from, to) => this.page.zoom({ axis: axis.name, range: [from, to] }),
        zoomY: (from, to) => { this.yRange = [from, to]; this.draw(); },
        reset: () => this.reset(),
      },
    });
    this.resetButton.hidden = !this.range && !this.yRange;
    this.say(this.words());
  }

  words() {
    const { lines } = this;
    if (!lines.length) return this.range ? "nothing in this window" : this.asked.x ? `no ${this.asked.x} beside it` : "no values";
    if (lines.every((line) => line.y.every((value) => value === null || value === undefined))) return "no finite value";
    if (this.isLog && !lines.some((line) => line.y.some((value) => value > 0))) return "nothing above 0";
    if (!this.isLog) return "";
    return lines.some((line) => line.y.some((value) => value !== null && value <= 0)) ? "log, values up to 0 left out" : "log";
  }

  say(text) {
    this.figure.querySelector(".note").textContent = text;
  }

  highlight(id) {
    if (this.plot) highlight(this.plot, id);
  }

  forget() {
    this.request?.abort();
    this.plot?.destroy();
  }
}
