// Series of metrics: asks the server for them and makes of them what a chart draws.

// The largest step that a number here and 64 bits there both hold.
const FURTHEST = 2 ** 63 - 1024;

// Points asked for: two a pixel when there are few lines, fewer the more there are.
function pointsFor(width, runs) {
  return Math.round(Math.min(2 * width, Math.max(150, 16000 / runs)));
}

// The series of one key, for many runs in one request. `range` is [from, to] in the series' own units, or null.
export async function fetchSeries(address, key, runIds, width, range, signal) {
  const query = new URLSearchParams(runIds.map((id) => ["run", id]));
  query.append("key", key);
  query.append("points", pointsFor(width, runIds.length));
  if (range) {
    query.append("from", BigInt(Math.floor(Math.max(range[0], -FURTHEST))));
    query.append("to", BigInt(Math.ceil(Math.min(range[1], FURTHEST))));
  }
  const answer = await fetch(`${address}?${query}`, { signal });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message);
  return body.series;
}

// A series as a line: x in steps, or in seconds since `origin` (ms), y with null where there is no finite value,
// and marks that say where a gap is NaN or an infinity.
function lineOf(series, byTime) {
  const origin = byTime ? series.timestamps[0] : 0;
  const x = byTime ? series.timestamps.map((time) => (time - origin) / 1000) : series.steps;
  const marks = [];
  const y = series.values.map((value, i) => {
    if (typeof value === "number") return value;
    marks.push({ x: x[i], value });
    return null;
  });
  return { runId: series.run_id, x, y, marks, origin, count: series.count, exact: series.exact };
}

// Lines of one chart. Where one series has no steps to tell points apart, all are told over time.
export function linesOf(list) {
  const byTime = list.some((series) => series.by_time);
  return { byTime, lines: list.filter((series) => series.values.length).map((series) => lineOf(series, byTime)) };
}

// Columns on one shared x: a line that has no point at an x is undefined there, and is drawn through.
export function aligned(lines) {
  if (lines.length === 0) return [[]];
  if (lines.length === 1) return [lines[0].x, lines[0].y];
  return uPlot.join(lines.map((line) => [line.x, line.y]));
}
