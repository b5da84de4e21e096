// A chart as a file: what is on the screen as PNG or SVG.
import { colour } from "./colours.js";

const HEAD = 28;
const PADDING = 12;

// The chart with its name on the page's ground, as a PNG.
export function pngOf(plot, title) {
  const drawn = plot.ctx.canvas;
  const ratio = devicePixelRatio;
  const canvas = document.createElement("canvas");
  canvas.width = drawn.width;
  canvas.height = drawn.height + HEAD * ratio;
  const ctx = canvas.getContext("2d");
  ctx.fillStyle = colour("surface");
  ctx.fillRect(0, 0, canvas.width, canvas.height);
  ctx.fillStyle = colour("ink");
  ctx.font = `600 ${13 * ratio}px sans-serif`;
  ctx.fillText(title, PADDING * ratio, 19 * ratio);
  ctx.drawImage(drawn, 0, HEAD * ratio);
  return new Promise((resolve) => canvas.toBlob(resolve));
}

const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const short = (number) => Number(number.toFixed(1));

// The path of a column over x: M where it begins or begins again after a gap.
function pathOf(plot, column) {
  const [x] = plot.data;
  let path = "", isOpen = false;
  for (let i = 0; i < x.length; i++) {
    if (column[i] === undefined) continue;
    if (column[i] === null || x[i] === null) { isOpen = false; continue; }
    path += `${isOpen ? "L" : "M"}${short(plot.valToPos(x[i], "x"))} ${short(plot.valToPos(column[i], "y"))}`;
    isOpen = true;
  }
  return path;
}

function bandPath(plot, high, low) {
  const [x] = plot.data;
  const places = [...x.keys()].filter((i) => Number.isFinite(high[i]) && Number.isFinite(low[i]));
  const at = (column) => (i) => `${short(plot.valToPos(x[i], "x"))} ${short(plot.valToPos(column[i], "y"))}`;
  return places.length ? `M${places.map(at(high)).join("L")}L${places.reverse().map(at(low)).join("L")}Z` : "";
}

function axisWords(plot, left, top) {
  const [xAxis, yAxis] = plot.axes;
  const { clientWidth: width, clientHeight: height } = plot.over;
  const text = (x, y, anchor, words) => `<text x="${short(x)}" y="${short(y)}" text-anchor="${anchor}">${escaped(words)}</text>`;
  const line = (x1, y1, x2, y2) => `<path d="M${short(x1)} ${short(y1)}L${short(x2)} ${short(y2)}" stroke="${colour("line")}"/>`;
  const marks = [];
  xAxis._splits.forEach((value, i) => {
    if (value === null || xAxis._values[i] == null) return;
    const x = left + plot.valToPos(value, "x");
    if (x < left - 1 || x > left + width + 1) return;
    marks.push(line(x, top, x, top + height), text(x, top + height + 16, "middle", xAxis._values[i]));
  });
  yAxis._splits.forEach((value, i) => {
    if (value === null || yAxis._values[i] == null) return;
    const y = top + plot.valToPos(value, "y");
    if (y < top - 1 || y > top + height + 1) return;
    marks.push(line(left, y, left + width, y), text(left - 6, y + 4, "end", yAxis._values[i]));
  });
  return marks.join("");
}

// The chart as an SVG, with a legend below it.
export function svgOf(plot, title) {
  const left = plot.over.offsetLeft, top = HEAD + plot.over.offsetTop;
  const { clientWidth: width, clientHeight: height } = plot.over;
  const named = plot.strokes.filter((stroke) => !stroke.quiet);
  const total = { width: left + width + PADDING, height: top + height + HEAD + 18 * named.length };
  const drawn = plot.strokes.map((stroke, i) => {
    const ink = colour(stroke.line.token, stroke.alpha);
    if (stroke.isHigh) return `<path d="${bandPath(plot, plot.data[i + 1], plot.data[i + 2])}" fill="${colour(stroke.line.token, 0.16)}"/>`;
    if (!stroke.width) return "";
    const dash = stroke.dash ? ` stroke-dasharray="${stroke.dash.join(" ")}"` : "";
    return `<path d="${pathOf(plot, plot.data[i + 1])}" fill="none" stroke="${ink}" stroke-width="${stroke.width}"${dash}/>`;
  });
  const legend = named.map((stroke, i) => {
    const y = top + height + HEAD + 18 * i + 8;
    return `<path d="M${left} ${y - 4}h18" stroke="${colour(stroke.line.token)}" stroke-width="2"/>`
      + `<text x="${left + 24}" y="${y}">${escaped(stroke.line.name)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${total.width}" height="${total.height}" `
    + `font-family="sans-serif" font-size="11" fill="${colour("ink-soft")}">`
    + `<rect width="100%" height="100%" fill="${colour("surface")}"/>`
    + `<text x="${PADDING}" y="19" font-size="13" font-weight="600" fill="${colour("ink")}">${escaped(title)}</text>`
    + `<clipPath id="clip"><rect width="${width}" height="${height}"/></clipPath>${axisWords(plot, left, top)}`
    + `<g transform="translate(${left} ${top})" clip-path="url(#clip)">${drawn.join("")}</g>${legend.join("")}</svg>`;
}

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export const fileName = (key, suffix) => `${key.replaceAll(/[^\w.-]+/g, "-")}.${suffix}`;
