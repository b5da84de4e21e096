// All charts of a page: each is fetched and drawn when it comes near the window, and again when something changes.
import { onColours } from "./colours.js";
import { lineChart, pngOf } from "./line-chart.js";
import { fetchSeries, linesOf } from "./series.js";

const NEAR = "300px";
//: A zoomed chart asks for a little more than it shows, so that lines run to its edges.
const MARGIN = 0.05;

// The page's runs, from its legend: elements with data-run, data-name, data-colour and data-dash.
export function legendRuns(root = document) {
  return [...root.querySelectorAll("[data-legend][data-run], [data-legend] [data-run]")].map((item) => ({
    id: item.dataset.run,
    name: item.dataset.name,
    token: item.dataset.colour,
    dash: item.dataset.dash ? item.dataset.dash.split(" ").map(Number) : undefined,
    hidden: item.classList.contains("hidden"),
  }));
}

class Card {
  constructor(figure, page) {
    this.figure = figure;
    this.page = page;
    this.log = figure.dataset.scale === "log";
    this.drawn = null;
    this.wire();
  }

  get key() { return this.figure.dataset.key; }
  get isLog() { return this.log || this.page.log; }
  get range() { return this.drawn ? this.page.ranges[this.axis] : null; }
  get axis() { return this.drawn.byTime ? "time" : "step"; }

  wire() {
    const button = (name) => this.figure.querySelector(`[data-${name}]`);
    this.figure.querySelector("[data-buttons]").hidden = false;
    this.resetButton = button("reset");
    this.resetButton.addEventListener("click", () => this.page.zoom(this.axis, null));
    button("log").addEventListener("click", (event) => {
      this.log = !this.log;
      event.currentTarget.setAttribute("aria-pressed", this.log);
      this.draw();
    });
    button("download").addEventListener("click", () => this.download());
    button("enlarge").addEventListener("click", (event) => {
      const large = this.figure.classList.toggle("whole");
      this.figure.classList.toggle("tall", large);
      event.currentTarget.setAttribute("aria-pressed", large);
      this.load();
    });
  }

  // Asks for the series as the page shows them now, and draws them. A later question overtakes an earlier one.
  async load() {
    this.request?.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    const width = this.figure.querySelector(".canvas").clientWidth;
    const ids = this.page.runs.map((run) => run.id);
    try {
      const list = await fetchSeries(this.figure.dataset.src, this.key, ids, width, this.window(), signal);
      const found = linesOf(list);
      // The window of a zoomed chart may hold no point; what its axis is, it knows from before.
      this.drawn = list.some((series) => series.values.length) || !this.drawn ? found : { ...this.drawn, lines: [] };
      this.draw();
    } catch (error) {
      if (error.name !== "AbortError") this.say(`Not loaded: ${error.message}`);
    }
  }

  // What to ask the server for: nothing in particular, or the window in the units of the series.
  window() {
    if (!this.range || !this.canZoomOnServer()) return null;
    const [from, to] = this.range;
    const margin = (to - from) * MARGIN;
    if (!this.drawn.byTime) return [from - margin, to + margin];
    return [from - margin, to + margin].map((seconds) => this.origin + seconds * 1000);
  }

  // Each run has its own beginning, so that a window in time is one window for the server only when there is one run.
  canZoomOnServer() {
    return !this.drawn.byTime || this.page.runs.length === 1;
  }

  draw() {
    if (!this.drawn) return;
    const { byTime } = this.drawn;
    const byId = new Map(this.page.runs.map((run) => [run.id, run]));
    const lines = this.drawn.lines
      .map((line) => ({ ...byId.get(line.runId), ...line }))
      .filter((line) => !line.hidden);
    if (byTime && this.origin === undefined && lines.length) this.origin = lines[0].origin;
    this.plot?.destroy();
    this.plot = lineChart(this.figure, this.shifted(lines), {
      byTime,
      log: this.isLog,
      range: this.range,
      sync: this.axis,
      on: { zoom: (from, to) => this.page.zoom(this.axis, [from, to]), reset: () => this.page.zoom(this.axis, null) },
    });
    this.lines = lines;
    this.resetButton.hidden = !this.range;
    this.say(this.words(lines));
  }

  // A window of a series by time begins later than the series; its seconds count from the first point of all.
  shifted(lines) {
    if (!this.drawn.byTime || this.page.runs.length !== 1) return lines;
    return lines.map((line) => {
      const late = (line.origin - this.origin) / 1000;
      return { ...line, x: line.x.map((x) => x + late), marks: line.marks.map((mark) => ({ ...mark, x: mark.x + late })) };
    });
  }

  words(lines) {
    if (!lines.length) return this.range ? "nothing in this window" : "no values";
    if (lines.every((line) => line.y.every((value) => value === null || value === undefined))) return "no finite value";
    if (this.isLog && !lines.some((line) => line.y.some((value) => value > 0))) return "nothing above 0";
    return this.isLog ? "log" : "";
  }

  say(text) {
    this.figure.querySelector(".note").textContent = text;
  }

  // Dims all lines but one; all are shown for null.
  highlight(runId) {
    if (!this.plot) return;
    const place = this.lines.findIndex((line) => line.runId === runId);
    this.plot.setSeries(place < 0 ? null : place + 1, { focus: place >= 0 });
  }

  async download() {
    if (!this.plot) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await pngOf(this.plot, this.key));
    link.download = `${this.key.replaceAll(/[^\w.-]+/g, "-")}.png`;
    link.click();
    URL.revokeObjectURL(link.href);
  }
}

export class ChartPage {
  constructor(runs, { log = false } = {}) {
    this.runs = runs;
    this.log = log;
    this.ranges = { step: null, time: null };
    this.cards = new Map();
    this.near = new IntersectionObserver((entries) => this.see(entries), { rootMargin: NEAR });
    onColours(() => this.draw());
    let width = innerWidth;
    addEventListener("resize", () => {
      if (innerWidth === width) return;
      width = innerWidth;
      this.draw();
    });
  }

  // Takes in the charts below `root`.
  watch(root) {
    for (const figure of root.querySelectorAll("figure[data-key]")) {
      this.cards.set(figure, new Card(figure, this));
      this.near.observe(figure);
    }
  }

  forget(root) {
    for (const figure of root.querySelectorAll("figure[data-key]")) {
      this.near.unobserve(figure);
      this.cards.get(figure)?.plot?.destroy();
      this.cards.delete(figure);
    }
  }

  see(entries) {
    for (const { target, isIntersecting } of entries) {
      const card = this.cards.get(target);
      if (!card) continue;
      card.isNear = isIntersecting;
      if (isIntersecting && (!card.drawn || card.isOld)) this.reload(card);
    }
  }

  reload(card) {
    card.isOld = false;
    return card.load();
  }

  // Charts of these keys have new points: those in sight are fetched now, the others when they come into sight.
  refresh(keys) {
    for (const card of this.cards.values()) {
      if (!keys.has(card.key)) continue;
      if (card.isNear) this.reload(card);
      else card.isOld = true;
    }
  }

  draw() {
    for (const card of this.cards.values()) card.draw();
  }

  // All charts of an axis show the same window; null shows all.
  zoom(axis, range) {
    this.ranges[axis] = range;
    for (const card of this.cards.values()) {
      if (!card.drawn || card.axis !== axis) continue;
      card.draw();
      if (card.isNear) this.reload(card);
      else card.isOld = true;
    }
  }

  highlight(runId) {
    for (const card of this.cards.values()) card.highlight(runId);
  }
}
