// All charts of a page: each is fetched and drawn when it comes near the window, and again when something changes.
import { Card } from "./card.js";
import { onColours } from "./colours.js";
import { inLine } from "../in-line.js";
import { fetchSeries } from "./series.js";
import { Settings } from "./settings.js";

const NEAR = "300px";
// A server finds the points of one chart as fast as those of three at once.
const AT_ONCE = 2;
const CSV = "/api/v1/export/metrics.csv";

// What the page's legend lists: elements with data-run, data-name, data-colour and data-dash; a group of repetitions names
// all its runs in data-runs.
export function legendOf(root = document) {
  return [...root.querySelectorAll("[data-legend][data-run], [data-legend] [data-run]")].map((item) => ({
    id: item.dataset.run,
    runs: (item.dataset.runs ?? item.dataset.run).split(" "),
    name: item.dataset.name,
    token: item.dataset.colour,
    dash: item.dataset.dash ? item.dataset.dash.split(" ").map(Number) : undefined,
    hidden: item.classList.contains("hidden"),
  }));
}

export class ChartPage {
  // `source` answers with series as `fetchSeries` does.
  constructor(contenders, settings = new Settings(), source = fetchSeries) {
    this.settings = settings;
    this.source = inLine(source, AT_ONCE);
    this.cards = new Map();
    this.setContenders(contenders);
    this.near = new IntersectionObserver((entries) => this.see(entries), { rootMargin: NEAR });
    settings.onChange((name) => (name === "find" ? this.find() : this.show()));
    onColours(() => this.draw());
    let width = innerWidth;
    addEventListener("resize", () => {
      if (innerWidth === width) return;
      width = innerWidth;
      this.draw();
    });
    addEventListener("keydown", (event) => this.press(event));
  }

  setContenders(contenders) {
    this.contenders = contenders;
    this.shown = contenders.filter((contender) => !contender.hidden);
    this.shownRuns = this.shown.flatMap((contender) => contender.runs);
    this.shownIds = new Set(this.shownRuns);
  }

  isShown(runId) { return this.shownIds.has(runId); }

  // Takes in the charts below `root`.
  watch(root) {
    for (const figure of root.querySelectorAll("figure[data-key]")) {
      const card = new Card(figure, this);
      this.cards.set(figure, card);
      this.near.observe(figure);
      if (this.settings.pins.includes(card.key)) this.movePinned(card);
    }
    this.find();
  }

  forget(root) {
    for (const figure of root.querySelectorAll("figure[data-key]")) {
      this.near.unobserve(figure);
      this.cards.get(figure)?.forget();
      this.cards.delete(figure);
    }
  }

  see(entries) {
    for (const { target, isIntersecting } of entries) {
      const card = this.cards.get(target);
      if (!card) continue;
      card.isNear = isIntersecting;
      if (isIntersecting && (!card.isDrawn || card.isOld)) card.load();
    }
  }

  // Runs have logged: how many points each series has by now, by run and key. Charts out of sight wait until they are seen.
  grow(points) {
    for (const card of this.cards.values()) {
      const counts = new Map(Object.entries(points).flatMap(([id, keys]) => (card.key in keys ? [[id, keys[card.key]]] : [])));
      if (!counts.size || !card.isDrawn) continue;
      if (card.isNear) card.grow(counts);
      else card.isOld = true;
    }
  }

  // Asks anew for all that is in sight, and for the rest when it comes into sight.
  reload() {
    for (const card of this.cards.values()) {
      if (card.isNear) card.load();
      else card.isOld = true;
    }
  }

  show() {
    for (const card of this.cards.values()) card.show();
  }

  draw() {
    for (const card of this.cards.values()) card.draw();
  }

  rangeOn(axis) {
    const { zoom } = this.settings;
    return zoom?.axis === axis.name ? zoom.range : null;
  }

  // All charts of an axis show the same window; null shows all.
  zoom(zoom) {
    this.settings.setZoom(zoom);
    for (const card of this.cards.values()) {
      if (!card.isDrawn) continue;
      card.zoomed = null;
      card.draw();
      if (card.isNear) card.loadWindow();
      else card.isOld = true;
    }
  }

  highlight(id) {
    for (const card of this.cards.values()) card.highlight(id);
  }

  // Hides the charts whose key does not match: a regular expression, or plain text where it is none.
  find() {
    const text = this.settings.texts.find;
    const matches = matcher(text);
    for (const card of this.cards.values()) card.figure.hidden = !matches(card.key);
    const none = document.querySelector("[data-no-match]");
    if (none) none.hidden = [...this.cards.keys()].some((figure) => !figure.hidden);
    for (const section of document.querySelectorAll(".chart-section")) {
      section.hidden = ![...section.querySelectorAll("figure")].some((figure) => !figure.hidden);
      if (text && !section.hidden) section.open = true;
    }
  }

  togglePin(card) {
    const { pins } = this.settings;
    const isPinned = pins.includes(card.key);
    this.settings.setPins(isPinned ? pins.filter((key) => key !== card.key) : [...pins, card.key]);
    if (isPinned) this.moveBack(card);
    else this.movePinned(card);
  }

  movePinned(card) {
    const row = document.querySelector("[data-pinned]");
    if (!row) return;
    card.home ??= card.figure.parentElement;
    row.append(card.figure);
    row.hidden = false;
    setPressed(card, true);
  }

  moveBack(card) {
    const row = document.querySelector("[data-pinned]");
    card.home.prepend(card.figure);
    row.hidden = !row.children.length;
    setPressed(card, false);
  }

  csvAddress(key) {
    return `${CSV}?${new URLSearchParams([["key", key], ...this.shownRuns.map((id) => ["run", id])])}`;
  }

  async copyLink(key) {
    const address = new URL(location.href);
    if (key) address.searchParams.set("find", `^${key.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
    await navigator.clipboard?.writeText(address);
  }

  // f shows the chart under the mouse on the whole screen, and back; Escape goes back.
  press(event) {
    if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const full = [...this.cards.values()].find((card) => card.figure.classList.contains("full"));
    if (event.key === "Escape" && full) full.toggleFull();
    if (event.key !== "f") return;
    const card = full ?? this.cards.get(document.querySelector("figure[data-key]:hover") ?? event.target.closest("figure"));
    card?.toggleFull();
  }
}

function setPressed(card, isPressed) {
  card.figure.querySelector("[data-pin]")?.setAttribute("aria-pressed", isPressed);
}

function matcher(text) {
  if (!text) return () => true;
  try {
    const pattern = new RegExp(text, "i");
    return (key) => pattern.test(key);
  } catch {
    return (key) => key.toLowerCase().includes(text.toLowerCase());
  }
}

