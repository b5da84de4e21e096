// Smooths a line. All kinds take a weight from 0 (nothing) to 0.99, and are drawn over the points as they were logged.

// The share of the axis that one unit of memory covers: a weight of 0.9 looks back over some ten of them.
const UNITS = 1000;

const span = (x) => (x.at(-1) - x[0]) / UNITS || 1;
const reach = (weight) => 1 / (1 - weight);

// An exponential moving average whose memory fades with the distance on x, so that a sparse stretch is not dragged along
// as a dense one is. It is divided by the weights that it has, so that it does not begin at 0.
function fading(x, y, weight, keptBetween) {
  let sum = 0, norm = 0, last = 0;
  return y.map((value, i) => {
    if (value === null || value === undefined) return value;
    const kept = norm ? keptBetween(x[i] - x[last], weight) : 0;
    sum = sum * kept + value * (1 - weight);
    norm = norm * kept + (1 - weight);
    last = i;
    return sum / norm;
  });
}

// A weighted mean of what lies near on x.
function windowed(x, y, half, weigh) {
  let first = 0;
  return y.map((value, i) => {
    if (value === null || value === undefined) return value;
    while (x[i] - x[first] > half) first++;
    let sum = 0, norm = 0;
    for (let j = first; j < x.length && x[j] - x[i] <= half; j++) {
      if (y[j] === null || y[j] === undefined) continue;
      const weight = weigh(x[j] - x[i]);
      sum += weight * y[j];
      norm += weight;
    }
    return sum / norm;
  });
}

const KINDS = {
  time: (x, y, weight) => {
    const unit = span(x);
    return fading(x, y, weight, (distance) => weight ** (distance / unit));
  },
  ema: (x, y, weight) => fading(x, y, weight, () => weight),
  gaussian: (x, y, weight) => {
    const sigma = span(x) * reach(weight) / 2;
    return windowed(x, y, 3 * sigma, (distance) => Math.exp(-0.5 * (distance / sigma) ** 2));
  },
  mean: (x, y, weight) => windowed(x, y, span(x) * reach(weight) / 2, () => 1),
};

export function smooth(x, y, weight, kind) {
  return weight > 0 && x.length > 2 ? KINDS[kind](x, y, Math.min(weight, 0.99)) : y;
}
