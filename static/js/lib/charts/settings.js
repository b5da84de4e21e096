// How charts are drawn. It is all in the address, so that a link shows what its sender saw.

const DEFAULTS = { smooth: "0", kind: "time", x: "step", log: "", xlog: "", outliers: "", band: "sd", line: "mean", find: "" };

export class Settings {
  // `usual` has what a page draws otherwise than most: the address tells what differs from that.
  constructor(usual = {}) {
    const query = new URLSearchParams(location.search);
    this.usual = { ...DEFAULTS, ...usual };
    this.texts = {};
    for (const [name, text] of Object.entries(this.usual)) this.texts[name] = query.get(name) || text;
    this.pins = query.getAll("pin");
    const [axis, from, to] = (query.get("zoom") ?? "").split("~");
    this.zoom = axis && Number(from) < Number(to) ? { axis, range: [Number(from), Number(to)] } : null;
    this.listeners = [];
  }

  get smoothing() { return Math.max(0, Math.min(0.99, Number(this.texts.smooth) || 0)); }
  get kind() { return ["time", "ema", "gaussian", "mean"].includes(this.texts.kind) ? this.texts.kind : "time"; }
  get x() { return this.texts.x; }
  get log() { return this.texts.log === "1"; }
  get xlog() { return this.texts.xlog === "1"; }
  get clip() { return this.texts.outliers === "cut"; }
  get band() { return ["none", "minmax", "sd", "se", "ci"].includes(this.texts.band) ? this.texts.band : "sd"; }
  get line() { return this.texts.line === "median" ? "median" : "mean"; }

  // Calls back with the name of what changed.
  onChange(listener) { this.listeners.push(listener); }

  set(name, value) {
    if (this.texts[name] === value) return;
    this.texts[name] = value;
    remember(name, value && value !== this.usual[name] ? [value] : []);
    for (const listener of this.listeners) listener(name);
  }

  setPins(pins) {
    this.pins = pins;
    remember("pin", pins);
  }

  setZoom(zoom) {
    this.zoom = zoom;
    remember("zoom", zoom ? [[zoom.axis, ...zoom.range.map((end) => Number(end.toPrecision(12)))].join("~")] : []);
  }

  // Binds the fields of a form by their names.
  wire(form) {
    for (const field of form.elements) {
      if (!(field.name in DEFAULTS)) continue;
      const isBox = field.type === "checkbox";
      if (isBox) field.checked = this.texts[field.name] === field.value;
      else field.value = this.texts[field.name];
      tellValue(field);
      field.addEventListener("input", () => {
        tellValue(field);
        this.set(field.name, isBox ? (field.checked ? field.value : "") : field.value);
      });
    }
    form.addEventListener("submit", (event) => event.preventDefault());
  }
}

function tellValue(field) {
  const output = field.parentElement.querySelector("output");
  if (output) output.textContent = Number(field.value).toFixed(2);
}

// Writes a name with its values into the address, and into the links of the page that change the address.
export function remember(name, values) {
  // A file has no address to keep them in.
  if (location.protocol === "file:") return;
  const written = (query) => {
    query.delete(name);
    for (const value of values) query.append(name, value);
    return query;
  };
  const address = new URL(location.href);
  written(address.searchParams);
  history.replaceState(history.state, "", address);
  for (const link of document.querySelectorAll("a[href^='?']")) {
    link.setAttribute("href", `?${written(new URLSearchParams(link.getAttribute("href").slice(1)))}`);
  }
}
