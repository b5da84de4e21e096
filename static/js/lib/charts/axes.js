// The x axes that curves can run along, and how places and ticks on each are written.
import { span, stepTicks, tick, whole } from "../numbers.js";

const YEAR = 31536000;
// Each at most thrice the one before: a chart has room for three ticks, and one whose ticks were further apart might show none.
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
  3600, 7200, 14400, 21600, 43200, 86400, 172800, 432000, 864000, 2592000, 5184000, 15552000,
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((years) => years * YEAR)];
// Steps are whole numbers, so that no tick falls between two of them.
const STEPS = [1, 2, 5, 10, 20, 25, 50,
  ...Array.from({ length: 72 }, (_, i) => [1, 2, 2.5, 5][i % 4] * 10 ** (2 + Math.floor(i / 4)))];
const METRIC = "metrics.";

const instant = (seconds) => new Date(Math.round(seconds * 1000)).toISOString();
const moment = (seconds) => instant(seconds).slice(0, 19).replace("T", " ");

export const STEP = { name: "step", describe: (x) => `step ${whole(x)}`, ticks: stepTicks, incrs: STEPS, space: 64 };
const RELATIVE = { name: "relative", describe: (x) => `after ${span(x)}`, ticks: (xs) => xs.map(span), incrs: SECONDS, space: 76 };
const WALL = { name: "wall", describe: (x) => `${moment(x)} UTC`, ticks: wallTicks, incrs: SECONDS, space: 76 };

// Days where ticks are days apart, else the time of day; within a second its minute, and as many digits as tell them apart.
function wallTicks(xs) {
  const apart = xs.length > 1 ? xs[1] - xs[0] : 1;
  const cut = apart >= 86400 ? [0, 10] : apart >= 60 ? [11, 16] : apart >= 0.999 ? [11, 19] : [14, apart >= 0.099 ? 21 : 23];
  return xs.map((x) => instant(x).slice(...cut));
}

function metricAxis(key) {
  return { name: METRIC + key, key, describe: (x) => `${key} ${tick(x)}`, ticks: (xs) => xs.map(tick), space: 64 };
}

// The axis that is asked for; series whose steps tell nothing are told over time instead of steps.
export function axisOf(wanted, list) {
  if (wanted.startsWith(METRIC)) return metricAxis(wanted.slice(METRIC.length));
  if (wanted === "wall") return WALL;
  return wanted === "relative" || list.some((series) => series.by_time) ? RELATIVE : STEP;
}

// The key that the axis is made of, where it is a metric.
export const keyOf = (wanted) => (wanted.startsWith(METRIC) ? wanted.slice(METRIC.length) : "");

// The places of a series' points on an axis. `origin` is the time of its first point, in milliseconds.
export function placesOn(axis, series, origin) {
  if (axis.key !== undefined) return (series.x ?? []).map((value) => (typeof value === "number" ? value : null));
  if (axis === STEP) return series.steps;
  const from = axis === RELATIVE ? origin : 0;
  return series.timestamps.map((time) => (time - from) / 1000);
}
