// Makes of series what a chart draws: lines on its axis, smoothed, with marks for what is no number, groups with bands.
import { placesOn } from "./axes.js";
import { bandOf } from "./bands.js";
import { smooth } from "./smoothing.js";

// x in order, with y null where there is no finite value, and marks that say what a gap is.
function pointsOf(series, axis, origin) {
  const places = placesOn(axis, series, origin);
  const order = [...places.keys()].filter((i) => places[i] !== null);
  if (order.some((place, i) => i && places[place] < places[order[i - 1]])) order.sort((a, b) => places[a] - places[b]);
  const marks = [];
  const x = order.map((i) => places[i]);
  const y = order.map((i) => {
    const value = series.values[i];
    if (typeof value === "number") return value;
    marks.push({ x: places[i], value });
    return null;
  });
  return { x, y, marks };
}

// Lines of one chart. `contenders` are {id, runs, name, token, dash}; `held` are series by run, `origins` times by run.
export function linesOf(contenders, held, axis, origins, { smoothing, kind, line, band }) {
  return contenders.flatMap((contender) => {
    const members = contender.runs
      .filter((id) => held.get(id)?.values.length)
      .map((id) => ({ series: held.get(id), ...pointsOf(held.get(id), axis, origins.get(id)) }))
      .filter((member) => member.x.length);
    if (!members.length) return [];
    const smoothed = members.map((member) => ({ ...member, y: smooth(member.x, member.y, smoothing, kind) }));
    const marks = members.flatMap((member) => member.marks);
    const exact = members.every((member) => member.series.exact);
    if (contender.runs.length > 1) {
      const name = `${contender.name} (${members.length})`;
      return [{ ...contender, name, marks, exact, ...bandOf(smoothed, line, band) }];
    }
    const [{ x, y }] = smoothed;
    return [{ ...contender, x, y, marks, exact, ghost: smoothing > 0 ? members[0].y : null }];
  });
}
