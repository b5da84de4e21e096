// The table under the crosshair: every line's value, the nearest in bold.
import { significant, whole } from "../numbers.js";

const MOST_ROWS = 8;
const GAP = 12;

function cell(row, text, className = "") {
  const td = row.insertCell();
  td.textContent = text;
  td.className = className;
  return td;
}

// Cut in the middle when there is no room: names differ at their ends.
function runName(name) {
  const element = document.createElement("span");
  element.className = "run-name";
  const place = Math.max(name.lastIndexOf("-"), name.lastIndexOf("_"));
  const cut = place > 0 && name.length - place < 9 ? place : name.length;
  for (const part of [name.slice(0, cut), name.slice(cut)]) {
    const piece = document.createElement("span");
    piece.textContent = part;
    element.append(piece);
  }
  return element;
}

// The value of a column at idx, or where it has none of its own there, the nearest one that was logged.
export function valueNear(column, idx) {
  if (column[idx] !== undefined) return column[idx];
  for (let away = 1; away < column.length; away++) {
    const left = column[idx - away], right = column[idx + away];
    if (left !== undefined) return beyondEnd(column, idx, 1) ? undefined : left;
    if (right !== undefined) return beyondEnd(column, idx, -1) ? undefined : right;
  }
  return undefined;
}

// Whether nothing was logged from idx on in this direction: a line that has ended has no value there.
function beyondEnd(column, idx, direction) {
  for (let i = idx; i >= 0 && i < column.length; i += direction) if (column[i] !== undefined) return false;
  return true;
}

function nearestOf(rows, target) {
  const distance = (row) => Math.abs(row.value - target);
  return [...rows].sort((a, b) => distance(a) - distance(b)).slice(0, MOST_ROWS);
}

function tableOf(caption, rows, near, more) {
  const table = document.createElement("table");
  table.createCaption().textContent = caption;
  for (const row of rows) {
    const tr = table.insertRow();
    if (row === near) tr.className = "near";
    const swatch = document.createElement("span");
    swatch.className = `swatch ${row.token}`;
    cell(tr, "").append(swatch, runName(row.name));
    cell(tr, significant(row.value), "number");
    if (row.ends) cell(tr, `${significant(row.ends[0])} to ${significant(row.ends[1])}`, "number soft");
  }
  if (more > 0) cell(table.createTFoot().insertRow(), `+${whole(more)}`);
  return table;
}

// Beside the crosshair, on the side with room, and inside the card.
function place(box, plot) {
  const { left, top } = plot.cursor;
  const room = plot.over.clientWidth;
  const beside = left > room / 2 ? left - GAP - box.offsetWidth : left + GAP;
  const start = -plot.over.offsetLeft + 4;
  box.style.left = `${Math.max(start, Math.min(beside, room - box.offsetWidth + 4))}px`;
  box.style.top = `${Math.max(0, Math.min(top - box.offsetHeight / 2, plot.over.clientHeight - box.offsetHeight))}px`;
}

// How far a thinned line goes up and down around a place: of the points that stand for its stretch. null where every point
// is drawn, or the line is flat.
function endsAround(line, x) {
  if (line.low) return null;
  if (line.exact || line.x.length < 8) return null;
  const half = (line.x.at(-1) - line.x[0]) / (line.x.length / 4) / 2;
  const values = line.x.flatMap((place, i) => (Math.abs(place - x) <= half && line.y[i] !== null ? [line.y[i]] : []));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.length > 1 && low < high ? [low, high] : null;
}

// `describe(x)` words the place on x. `strokes` are those drawn, in the order of the plot's columns.
export function chartTip(figure, strokes, describe) {
  const box = document.createElement("div");
  box.className = "chart-tip";
  box.hidden = true;

  function rowOf(plot, stroke, i, idx) {
    const { line } = stroke;
    const value = valueNear(plot.data[i + 1], idx);
    const ends = line.low ? [valueNear(plot.data[i - 1], idx), valueNear(plot.data[i], idx)].reverse() : null;
    return { name: line.name, token: line.token, line, value, ends: ends?.every(Number.isFinite) ? ends : null };
  }

  function update(plot) {
    const { idx, top } = plot.cursor;
    box.hidden = idx === null || idx === undefined || !figure.matches(":hover");
    if (box.hidden) return;
    const rows = strokes
      .flatMap((stroke, i) => (stroke.quiet ? [] : [rowOf(plot, stroke, i, idx)]))
      .filter((row) => row.value !== null && row.value !== undefined);
    const nearest = nearestOf(rows, plot.posToVal(top, "y"));
    const shown = [...nearest].sort((a, b) => b.value - a.value);
    for (const row of shown) row.ends ??= endsAround(row.line, plot.data[0][idx]);
    box.replaceChildren(tableOf(describe(plot.data[0][idx]), shown, nearest[0], rows.length - shown.length));
    place(box, plot);
  }

  return { box, update };
}
