// Writes numbers as the server does (trackerweb/formatting.py), and the ticks of axes.
const MINUS = "−";

function withExponent(value, digits) {
  const [mantissa, exponent] = value.toExponential(digits).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return `${short}e${Number(exponent)}`;
}

// Four significant digits and a true minus; – for nothing.
export function significant(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  let text;
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) text = withExponent(value, 3);
  else if (Number.isInteger(value)) text = value.toLocaleString("en");
  else text = size >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(4);
  return text.replaceAll("-", MINUS);
}

export function whole(value) {
  return value.toLocaleString("en").replace("-", MINUS);
}

// A value on the y axis, as short as it can be said.
export function tick(value) {
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e5) ? withExponent(value, 3) : String(Number(value.toPrecision(6)));
  return text.replaceAll("-", MINUS);
}

// Steps on the x axis: 1,500 is 1.5k. All ticks of an axis share one unit, and no two read alike.
export function stepTicks(ticks) {
  const largest = Math.max(...ticks.map(Math.abs));
  const [unit, name] = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]].find(([size]) => largest >= size) ?? [1, ""];
  const words = (digits) => ticks.map((value) => (value === 0 ? "0" : `${Number((value / unit).toPrecision(digits))}${name}`.replace("-", MINUS)));
  const digits = [6, 8, 10, 12].find((count) => new Set(words(count)).size === ticks.length) ?? 15;
  return words(digits);
}

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

// Seconds in their two largest units: 1 h 5 min.
export function span(seconds) {
  if (seconds === 0) return "0";
  if (Math.abs(seconds) < 1) return `${Number((seconds * 1000).toPrecision(3))} ms`;
  const place = UNITS.findIndex(([size]) => Math.abs(seconds) >= size);
  const [size, name] = UNITS[place];
  if (name === "s") return `${Number(seconds.toPrecision(3))} s`;
  const [nextSize, nextName] = UNITS[place + 1];
  const rest = Math.round((seconds % size) / nextSize);
  return rest ? `${Math.floor(seconds / size)} ${name} ${rest} ${nextName}` : `${Math.floor(seconds / size)} ${name}`;
}
