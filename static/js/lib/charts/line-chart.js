// One chart of curves with uPlot: scales, gaps and their marks, bands, crosshair, zoom.
import { colour } from "./colours.js";
import { tick } from "../numbers.js";
import { aligned } from "./series.js";
import { chartTip } from "./tip.js";

const FONT = '11px -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif';
const WIDTH = 1.75;
const GHOST_ALPHA = 0.25;
const BAND_ALPHA = 0.16;
//: The share of values on either side that is passed over when outliers are.
const OUTER = 0.05;

const nearly = (a, b) => Math.abs(a - b) < 1e-6;
const isDecade = (value) => nearly(Math.log10(value), Math.round(Math.log10(value)));
const isRound = (value) => {
  const lead = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
  return [1, 2, 5].some((round) => nearly(lead, round));
};

// Room around what is drawn; a flat line gets some too, and what is as good as flat, for ticks need numbers between.
function linearRange(plot, low, high) {
  if (low === null) return [0, 1];
  if (high / 2 - low / 2 <= 1e-12 * Math.max(Math.abs(low), Math.abs(high))) {
    const room = Math.abs(low) * 0.1 || 1;
    return [Math.max(low - room, -Number.MAX_VALUE), Math.min(high + room, Number.MAX_VALUE)];
  }
  // Halved first: the distance of two huge numbers is no number.
  const room = (high / 2 - low / 2) * 0.12;
  return [Math.max(low - room, -Number.MAX_VALUE), Math.min(high + room, Number.MAX_VALUE)];
}

function logRange(plot, low, high) {
  return low === null || !(low > 0) ? [0.1, 1] : [low * 0.8, Math.min(high * 1.25, Number.MAX_VALUE)];
}

// Where the middle nine tenths of the values lie.
function innerEnds(columns, log) {
  const values = columns.flat().filter((value) => Number.isFinite(value) && (!log || value > 0)).sort((a, b) => a - b);
  if (!values.length) return [null, null];
  const at = (share) => values[Math.round((values.length - 1) * share)];
  return [at(OUTER), at(1 - OUTER)];
}

// Under three decades ticks at 1, 2 and 5 are labelled, beyond that decades alone, and if there are very many, some.
function logTicks(scale) {
  return (plot, splits) => {
    const { min, max } = plot.scales[scale];
    const decades = Math.log10(max / min);
    const every = Math.max(1, Math.ceil(decades / 8));
    const keep = decades <= 3 ? isRound : (value) => isDecade(value) && Math.round(Math.log10(value)) % every === 0;
    return splits.map((value) => (keep(value) ? value : null));
  };
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

function axes(axis, log, xlog) {
  const common = { stroke: colour("ink-soft"), font: FONT, grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  const words = (write) => (plot, ticks) => {
    const shown = ticks.filter((value) => value !== null);
    const written = write(shown);
    return ticks.map((value) => (value === null ? null : written[shown.indexOf(value)]));
  };
  const x = { ...common, size: 26, space: axis.space, values: words(axis.ticks) };
  if (axis.incrs && !xlog) x.incrs = axis.incrs;
  if (xlog) Object.assign(x, { filter: logTicks("x"), grid: { ...common.grid, filter: logTicks("x") } });
  const y = { ...common, size: 48, space: 34, gap: 6, values: words((ticks) => ticks.map(tick)) };
  if (log) Object.assign(y, { filter: logTicks("y"), grid: { ...common.grid, filter: logTicks("y") } });
  return [x, y];
}

function xRange(plot, low, high) {
  if (low === null) return [0, 1];
  const room = Math.max(1, Math.abs(low) * 1e-9);
  return low === high ? [low - room, high + room] : [low, high];
}

const positive = (column) => column.map((value) => (value === undefined || value > 0 ? value : null));

// What is drawn for the lines, one uPlot series each: ghosts below, ends of bands, and the lines themselves.
function strokesOf(lines) {
  return lines.flatMap((line, place) => {
    const line_ = { line, x: line.x, y: line.y, width: WIDTH, alpha: 1, dash: line.dash, place };
    if (line.ghost) return [{ ...line_, y: line.ghost, width: 1, alpha: GHOST_ALPHA, dash: undefined, quiet: true }, line_];
    if (!line.low) return [line_];
    const end = { ...line_, width: 0, quiet: true };
    return [{ ...end, y: line.high, isHigh: true }, { ...end, y: line.low }, line_];
  });
}

function bandsOf(strokes) {
  return strokes.flatMap((stroke, i) => (
    stroke.isHigh ? [{ series: [i + 1, i + 2], fill: colour(stroke.line.token, BAND_ALPHA) }] : []
  ));
}

function seriesOf(stroke) {
  const ink = colour(stroke.line.token, stroke.alpha);
  const dots = { show: true, size: 5, width: 0, fill: ink, filter: (self, i) => lonely(self.data[i]) };
  return { stroke: ink, width: stroke.width, dash: stroke.dash, spanGaps: false, points: stroke.quiet ? { show: false } : dots };
}

// A drag zooms over x, with Shift over y. A double-click goes back.
function cursorOf(strokes, sync, on) {
  const crosshairOnly = (type) => type === "mousemove" || type === "mouseleave";
  return {
    sync: { key: sync, scales: ["x", null], filters: { pub: crosshairOnly } },
    drag: { x: true, y: false, setScale: false },
    points: {
      size: 6, width: 0,
      fill: (self, i) => colour(strokes[i - 1].line.token),
      show: (self, i) => (strokes[i - 1].quiet ? false : undefined),
    },
    bind: {
      mousedown: (self, target, handler) => (event) => {
        self.cursor.drag.x = !event.shiftKey;
        self.cursor.drag.y = event.shiftKey;
        handler(event);
        return null;
      },
      dblclick: () => () => { on.reset(); return null; },
    },
  };
}

function zoomBySelect(plot, on) {
  const { left, width, top, height } = plot.select;
  const isTall = plot.cursor.drag.y;
  if ((isTall ? height : width) < 4) return;
  plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  if (isTall) on.zoomY(plot.posToVal(top + height, "y"), plot.posToVal(top, "y"));
  else on.zoom(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
}

// With Ctrl the wheel zooms around the crosshair.
function zoomByWheel(plot, on) {
  plot.over.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const { min, max } = plot.scales.x;
    const centre = plot.posToVal(plot.cursor.left, "x");
    const factor = event.deltaY < 0 ? 0.8 : 1.25;
    on.zoom(centre - (centre - min) * factor, centre + (max - centre) * factor);
  }, { passive: false });
}

// Draws `lines` ({id, name, token, dash, x, y, marks, ghost, low, high, exact}) into the figure, along an axis of axes.js.
// `on.zoom(from, to)`, `on.zoomY(from, to)` and `on.reset()` are called when somebody drags or double-clicks; charts of one
// axis share their crosshair. Returns the plot.
export function lineChart(figure, lines, { axis, log, xlog, clip, range, yRange, on }) {
  const canvas = figure.querySelector(".canvas");
  const strokes = strokesOf(lines);
  const [places, ...columns] = aligned(strokes);
  // What lies at 0 or below has no place on a logarithmic axis.
  const first = xlog ? places.findIndex((place) => place > 0) : 0;
  const data = [places, ...(log ? columns.map(positive) : columns)].map((column) => (
    first === 0 ? column : first < 0 ? [] : column.slice(first)
  ));
  const room = log ? logRange : linearRange;
  const ends = clip ? innerEnds(data.slice(1), log) : null;
  const tip = chartTip(figure, strokes, axis.describe);
  canvas.replaceChildren();
  const plot = new uPlot({
    width: canvas.clientWidth - 10,
    height: canvas.clientHeight,
    legend: { show: false },
    padding: [8, 12, 0, 0],
    focus: { alpha: 0.25 },
    cursor: cursorOf(strokes, axis.name, on),
    scales: {
      x: { time: false, range: xlog ? logRange : xRange, distr: xlog ? 3 : 1 },
      y: { range: yRange ?? ((self, low, high) => room(self, ...(ends ?? [low, high]))), distr: log ? 3 : 1 },
    },
    axes: axes(axis, log, xlog),
    bands: bandsOf(strokes),
    series: [{}, ...strokes.map(seriesOf)],
    hooks: {
      draw: [(self) => drawMarks(self, lines)],
      setCursor: [tip.update],
      setSelect: [(self) => zoomBySelect(self, on)],
    },
  }, data, canvas);
  plot.over.append(tip.box);
  zoomByWheel(plot, on);
  if (range) plot.setScale("x", { min: range[0], max: range[1] });
  plot.strokes = strokes;
  return plot;
}

// Dims all lines but those of one contender; all are shown for null.
export function highlight(plot, id) {
  const place = id === null ? -1 : plot.strokes.findIndex((stroke) => stroke.line.id === id && !stroke.quiet);
  plot.setSeries(place < 0 ? null : place + 1, { focus: place >= 0 });
}
