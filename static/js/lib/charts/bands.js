// Repetitions of one configuration as one line with a band: the mean or median of its members at each x, and how far
// they spread.
import { aligned } from "./series.js";

// 97.5 % points of Student's t by degrees of freedom; beyond the list the normal distribution's is near enough.
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12,
  2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042];
const t95 = (freedom) => T[freedom - 1] ?? 1.96 + 2.4 / freedom;

// A column with values between its points, on the straight line from one to the next; none beyond its ends or in gaps.
function filled(x, column) {
  const full = [...column];
  let before = -1;
  for (let i = 0; i < full.length; i++) {
    if (full[i] === undefined) continue;
    if (before >= 0 && full[before] !== null && full[i] !== null) {
      const slope = (full[i] - full[before]) / (x[i] - x[before] || 1);
      for (let j = before + 1; j < i; j++) full[j] = full[before] + slope * (x[j] - x[before]);
    }
    before = i;
  }
  return full;
}

function middleOf(values, line) {
  if (line === "mean") return values.reduce((a, b) => a + b) / values.length;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

function halfWidth(values, band) {
  const count = values.length;
  if (count < 2) return 0;
  const mean = values.reduce((a, b) => a + b) / count;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / (count - 1));
  if (band === "sd") return deviation;
  return (deviation / Math.sqrt(count)) * (band === "ci" ? t95(count - 1) : 1);
}

function endsOf(values, middle, band) {
  if (band === "minmax") return [Math.min(...values), Math.max(...values)];
  const half = halfWidth(values, band);
  return [middle - half, middle + half];
}

// Members are {x, y}. Returns {x, y, low, high}; low and high are null where no band is wanted.
export function bandOf(members, line, band) {
  const [x, ...columns] = aligned(members);
  const full = columns.map((column) => filled(x, column));
  const y = [], low = [], high = [];
  for (let i = 0; i < x.length; i++) {
    const values = full.map((column) => column[i]).filter((value) => value !== null && value !== undefined);
    const middle = values.length ? middleOf(values, line) : null;
    const [bottom, top] = values.length ? endsOf(values, middle, band) : [null, null];
    y.push(middle); low.push(bottom); high.push(top);
  }
  return band === "none" ? { x, y, low: null, high: null } : { x, y, low, high };
}
