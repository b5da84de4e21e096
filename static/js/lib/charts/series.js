// Series of metrics: asks the server for them, puts new points behind known ones, and finds windows in them.

// The largest step that a number here and 64 bits there both hold.
const FURTHEST = 2 ** 63 - 1024;
const MOST_POINTS = 33000;

// Points asked for: two a pixel when there are few lines, fewer the more there are.
export function pointsFor(width, runs) {
  return Math.round(Math.min(2 * width, Math.max(150, MOST_POINTS / runs), 2000));
}

const whole = (value, round) => BigInt(round(Math.max(-FURTHEST, Math.min(value, FURTHEST))));

// The series of one key, for many runs in one request. `windows` are [from, to] in the series' own units by run, or null;
// `x` is a metric whose values are wanted beside them.
export async function fetchSeries(address, key, runIds, points, { windows = null, x = "", signal } = {}) {
  const query = new URLSearchParams(runIds.map((id) => ["run", id]));
  query.append("key", key);
  query.append("points", points);
  if (x) query.append("x", x);
  for (const id of windows ? runIds : []) {
    query.append("from", whole(windows.get(id)[0], Math.floor));
    query.append("to", whole(windows.get(id)[1], Math.ceil));
  }
  const answer = await fetch(`${address}?${query}`, { signal });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message);
  return new Map(body.series.map((series) => [series.run_id, series]));
}

// Where the points of a series lie in its own units: steps, or milliseconds where all steps are equal.
const placesOf = (series) => (series.by_time ? series.timestamps : series.steps);

export const lastPlace = (series) => placesOf(series).at(-1);

// A series with what was logged since: `tail` holds its points from its last place on. null where points came in between.
export function extended(series, tail) {
  const from = lastPlace(series);
  const kept = placesOf(series).findIndex((place) => place >= from);
  const replaced = series.steps.length - kept;
  if (tail.by_time !== series.by_time || tail.inside === null) return null;
  if (series.count - replaced + tail.inside !== tail.count) return null;
  const joined = (name) => series[name] && [...series[name].slice(0, kept), ...tail[name]];
  return {
    ...tail, exact: series.exact && tail.exact, inside: null,
    steps: joined("steps"), timestamps: joined("timestamps"), values: joined("values"), x: joined("x"),
  };
}

// The window of a series, in its own units, that what lies between two places on the axis needs. `xs` are the places of
// its points on the axis, in order of the points.
export function windowOf(series, xs, [low, high]) {
  const places = placesOf(series);
  let first = 0, last = places.length - 1;
  while (first < last && xs[first + 1] < low) first++;
  while (last > first && xs[last - 1] > high) last--;
  return [places[first] ?? 0, places[last] ?? 0];
}

// Columns on one shared x: a line that has no point at an x is undefined there, and is drawn through. A line may have
// several points at one x; each keeps its row.
export function aligned(lines) {
  if (lines.length === 0) return [[]];
  const [{ x }] = lines;
  if (lines.every((line) => sameNumbers(line.x, x))) return [x, ...lines.map((line) => line.y)];
  const rows = rowsFor(lines);
  const shared = [];
  for (const [place, row] of rows) {
    row.first = shared.length;
    for (let i = 0; i < row.count; i++) shared.push(place);
  }
  return [shared, ...lines.map((line) => columnOf(line, rows, shared.length))];
}

function sameNumbers(one, other) {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

// By x, in order: how many rows it needs.
function rowsFor(lines) {
  const rows = new Map();
  for (const { x } of lines) {
    for (let i = 0; i < x.length;) {
      let end = i + 1;
      while (end < x.length && x[end] === x[i]) end++;
      const row = rows.get(x[i]);
      if (!row) rows.set(x[i], { count: end - i, first: 0 });
      else if (row.count < end - i) row.count = end - i;
      i = end;
    }
  }
  return new Map([...rows].sort((a, b) => a[0] - b[0]));
}

function columnOf({ x, y }, rows, length) {
  const column = new Array(length).fill(undefined);
  for (let i = 0, place = 0; i < x.length; i++) {
    place = i && x[i] === x[i - 1] ? place + 1 : rows.get(x[i]).first;
    column[place] = y[i];
  }
  return column;
}
