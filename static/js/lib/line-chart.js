// One chart of curves with uPlot: scales, gaps and their marks, crosshair, zoom.
import { chartTip } from "./chart-tip.js";
import { colour } from "./colours.js";
import { span, stepTicks, tick, whole } from "./numbers.js";
import { aligned } from "./series.js";

const FONT = '11px -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif';
const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400,
  21600, 43200, 86400, 172800, 432000, 864000, 2592000, 8640000, 31536000];

const nearly = (a, b) => Math.abs(a - b) < 1e-6;
const isDecade = (value) => nearly(Math.log10(value), Math.round(Math.log10(value)));
const isRound = (value) => {
  const lead = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
  return [1, 2, 5].some((round) => nearly(lead, round));
};

// Room around what is drawn; a flat line gets some too.
function linearRange(plot, low, high) {
  if (low === null) return [0, 1];
  if (low === high) {
    const room = Math.abs(low) * 0.1 || 1;
    return [low - room, high + room];
  }
  // Halved first: the distance of two huge numbers is no number.
  const room = (high / 2 - low / 2) * 0.12;
  return [Math.max(low - room, -Number.MAX_VALUE), Math.min(high + room, Number.MAX_VALUE)];
}

function logRange(plot, low, high) {
  return low === null || !(low > 0) ? [0.1, 1] : [low * 0.8, high * 1.25];
}

// Under three decades ticks at 1, 2 and 5 are labelled, beyond that decades alone, and if there are very many, some.
function logTicks(plot, splits) {
  const { min, max } = plot.scales.y;
  const decades = Math.log10(max / min);
  const every = Math.max(1, Math.ceil(decades / 8));
  const keep = decades <= 3 ? isRound : (value) => isDecade(value) && Math.round(Math.log10(value)) % every === 0;
  return splits.map((value) => (keep(value) ? value : null));
}

// A point with no neighbour draws no line, so that it gets a dot.
function lonely(column) {
  const has = (i) => column[i] !== null && column[i] !== undefined;
  const places = [];
  let before = -1;
  for (let i = 0; i < column.length; i++) {
    if (column[i] === undefined) continue;
    if (!has(i)) { before = -1; continue; }
    let next = i + 1;
    while (next < column.length && column[next] === undefined) next++;
    if (before < 0 && !has(next)) places.push(i);
    before = i;
  }
  return places;
}

// Gaps that NaN and infinities leave are marked on the edge of the chart.
function drawMarks(plot, lines) {
  const { ctx, bbox } = plot;
  const size = 4 * devicePixelRatio;
  ctx.save();
  for (const line of lines) {
    ctx.strokeStyle = ctx.fillStyle = colour(line.token);
    ctx.lineWidth = 1.5 * devicePixelRatio;
    for (const mark of line.marks) {
      const x = plot.valToPos(mark.x, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      const up = mark.value === "Infinity";
      const y = up ? bbox.top + size : bbox.top + bbox.height - size;
      ctx.beginPath();
      if (mark.value === "NaN") {
        ctx.moveTo(x - size / 2, y - size / 2); ctx.lineTo(x + size / 2, y + size / 2);
        ctx.moveTo(x - size / 2, y + size / 2); ctx.lineTo(x + size / 2, y - size / 2);
        ctx.stroke();
      } else {
        const tip = up ? -size : size;
        ctx.moveTo(x, y + tip); ctx.lineTo(x - size, y); ctx.lineTo(x + size, y);
        ctx.fill();
      }
    }
  }
  ctx.restore();
}

function axes(byTime, log) {
  const axis = { stroke: colour("ink-soft"), font: FONT, grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  const x = { ...axis, size: 26, space: byTime ? 76 : 64, values: (plot, ticks) => (byTime ? ticks.map(span) : stepTicks(ticks)) };
  // Steps are whole numbers, so that no tick falls between two of them.
  x.incrs = byTime ? SECONDS : [1, 2, 5, 10, 20, 25, 50, ...Array.from({ length: 72 }, (_, i) => [1, 2, 2.5, 5][i % 4] * 10 ** (2 + Math.floor(i / 4)))];
  const y = { ...axis, size: 48, space: 34, gap: 6, values: (plot, ticks) => ticks.map((value) => (value === null ? null : tick(value))) };
  if (log) Object.assign(y, { filter: logTicks, grid: { ...axis.grid, filter: logTicks } });
  return [x, y];
}

function xRange(plot, low, high) {
  if (low === null) return [0, 1];
  const room = Math.max(1, Math.abs(low) * 1e-9);
  return low === high ? [low - room, high + room] : [low, high];
}

const positive = (column) => column.map((value) => (value === undefined || value > 0 ? value : null));

// Draws `lines` ({name, token, dash, x, y, marks}) into the figure. `on.zoom(from, to)` and `on.reset()` are called when
// somebody drags over x or double-clicks; charts of one `sync` key share their crosshair. Returns the plot.
export function lineChart(figure, lines, { byTime, log, range, sync, on }) {
  const canvas = figure.querySelector(".canvas");
  const [x, ...columns] = aligned(lines);
  const data = [x, ...(log ? columns.map(positive) : columns)];
  const describe = (value) => (byTime ? `after ${span(value)}` : `step ${whole(value)}`);
  const tip = chartTip(figure, lines, describe);
  const crosshairOnly = (type) => type === "mousemove" || type === "mouseleave";
  canvas.replaceChildren();
  const plot = new uPlot({
    width: canvas.clientWidth - 10,
    height: canvas.clientHeight,
    legend: { show: false },
    padding: [8, 12, 0, 0],
    focus: { alpha: 0.25 },
    cursor: {
      sync: { key: sync, scales: ["x", null], filters: { pub: crosshairOnly } },
      drag: { x: true, y: false, setScale: false },
      points: { size: 6, width: 0, fill: (self, i) => colour(lines[i - 1].token) },
      bind: { dblclick: () => () => { on.reset(); return null; } },
    },
    scales: {
      x: { time: false, range: xRange },
      y: { range: log ? logRange : linearRange, distr: log ? 3 : 1 },
    },
    axes: axes(byTime, log),
    series: [{}, ...lines.map((line) => ({
      stroke: colour(line.token),
      width: 1.75,
      dash: line.dash,
      spanGaps: false,
      points: { show: true, size: 5, width: 0, fill: colour(line.token), filter: (self, i) => lonely(self.data[i]) },
    }))],
    hooks: {
      draw: [(self) => drawMarks(self, lines)],
      setCursor: [tip.update],
      setSelect: [(self) => {
        const { left, width } = self.select;
        if (width < 4) return;
        self.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        on.zoom(self.posToVal(left, "x"), self.posToVal(left + width, "x"));
      }],
    },
  }, data, canvas);
  plot.over.append(tip.box);
  if (range) plot.setScale("x", { min: range[0], max: range[1] });
  return plot;
}

// The chart with its name on the page's ground, as a PNG.
export function pngOf(plot, title) {
  const drawn = plot.ctx.canvas;
  const ratio = devicePixelRatio;
  const head = 28 * ratio;
  const canvas = document.createElement("canvas");
  canvas.width = drawn.width;
  canvas.height = drawn.height + head;
  const ctx = canvas.getContext("2d");
  ctx.fillStyle = colour("surface");
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.fillStyle = colour("ink");
  ctx.font = `600 ${13 * ratio}px sans-serif`;
  ctx.fillText(title, 12 * ratio, 19 * ratio);
  ctx.drawImage(drawn, 0, head);
  return new Promise((resolve) => canvas.toBlob(resolve));
}
