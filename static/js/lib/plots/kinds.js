// The options of each kind of plot, made of what the server tells (runs/comparing/plots/plots.py). `kept` are the rows that
// a brush keeps, null for all.
import { tick } from "../numbers.js";
import { axis, colourBy, grid, ink, label, rowsOf, text, tooltip } from "./theme.js";

const numbers = (column) => column.values.filter((value) => typeof value === "number");

function parallel({ names, parallel: { axes } }) {
  const quiet = { axisLine: { lineStyle: { color: ink("line-control") } }, axisTick: { show: false }, minorTick: { show: false }, splitLine: { show: false } };
  const target = axes.at(-1);
  return {
    parallel: {
      left: 44, right: 64, top: 34, bottom: 16,
      parallelAxisDefault: {
        ...quiet, nameGap: 14, nameTextStyle: { ...text("ink", 12), overflow: "truncate", width: 150 },
        axisLabel: { ...text("ink"), textBorderColor: ink("surface"), textBorderWidth: 3, hideOverlap: true, formatter: (value) => (typeof value === "number" ? tick(value) : value) },
        areaSelectStyle: { width: 14, color: ink("accent"), borderColor: ink("accent"), opacity: 0.25 },
      },
    },
    parallelAxis: axes.map((column, dim) => {
      const { type, data, name, scale: fits } = axis(column, true);
      return { dim, name, type, data, scale: fits };
    }),
    tooltip: tooltip(({ dataIndex }) => names[dataIndex]),
    visualMap: colourBy(axes.length - 1, numbers(target)),
    series: [{
      type: "parallel", lineStyle: { width: 1.25, opacity: names.length > 60 ? 0.45 : 0.75 }, inactiveOpacity: 0.06, progressive: 500,
      data: names.map((_, row) => axes.map((column) => column.values[row] ?? "-")),
    }],
  };
}

function scatter({ names, target, scatter: { x, y, front } }, kept, { showsFront = true } = {}) {
  const rows = rowsOf([x, y, target], kept);
  const line = showsFront ? front.map((row) => [x.values[row], y.values[row]]) : [];
  return {
    grid: grid(), xAxis: axis(x, true), yAxis: axis(y, false),
    tooltip: tooltip(({ value }) => `${names[value[3]]}\n${x.name}  ${label(value[0])}\n${y.name}  ${label(value[1])}`),
    visualMap: colourBy(2, numbers(target), { seriesIndex: 0 }),
    series: [
      { type: "scatter", data: rows, symbolSize: 9, itemStyle: { borderColor: ink("surface"), borderWidth: 1 } },
      { type: "line", data: line, step: x.better === "max" ? "start" : "end", symbol: "none", silent: true, lineStyle: { color: ink("ink"), width: 1.25, type: [4, 3] }, tooltip: { show: false } },
    ],
  };
}

// Every second place of the grid, for a picture in a file.
const halved = ({ xs, ys, values, ...rest }) => {
  const half = (list) => list.filter((_, place) => place % 2 === 0);
  return { ...rest, xs: half(xs), ys: half(ys), values: half(values).map(half) };
};

function contour({ names, target, contour: whole }, kept, { isCoarse = false } = {}) {
  const { x, y, xs, ys, values } = isCoarse ? halved(whole) : whole;
  const cells = ys.flatMap((_, row) => xs.map((_, column) => [column, row, values[row][column]]));
  const near = (places, value, isLog) => {
    const far = (place) => (isLog ? Math.abs(Math.log(place / value)) : Math.abs(place - value));
    return places.reduce((best, place, index) => (far(place) < far(places[best]) ? index : best), 0);
  };
  const points = rowsOf([x, y, target], kept).map(([a, b, value, row]) => [near(xs, a, x.kind === "log"), near(ys, b, y.kind === "log"), value, row]);
  const side = (column, places, isX) => ({
    ...axis({ ...column, kind: "category", categories: places.map(label) }, isX), splitLine: { show: false },
    axisLabel: { ...text(), interval: 7 },
  });
  return {
    grid: grid(), xAxis: side(x, xs, true), yAxis: side(y, ys, false),
    tooltip: tooltip(({ seriesIndex, value }) => (seriesIndex
      ? `${names[value[3]]}\n${target.name}  ${label(value[2])}`
      : `about ${label(value[2])}\n${x.name}  ${label(xs[value[0]])}\n${y.name}  ${label(ys[value[1]])}`)),
    visualMap: colourBy(2, cells.map((cell) => cell[2]), { seriesIndex: 0 }),
    series: [
      { type: "heatmap", data: cells, progressive: 0, itemStyle: { borderWidth: 0 } },
      { type: "scatter", data: points, symbolSize: 7, itemStyle: { color: ink("surface"), borderColor: ink("ink"), borderWidth: 1.25 } },
    ],
  };
}

function box({ names, target, box: { by, boxes } }, kept) {
  const shown = boxes.map(({ rows }) => rows.filter((row) => !kept || kept.has(row)));
  const points = shown.flatMap((rows, place) => rows.map((row) => [place, target.values[row], row]));
  return {
    grid: grid(), xAxis: axis({ name: by, kind: "category", categories: boxes.map(({ label: name }) => name) }, true), yAxis: axis(target, false),
    tooltip: tooltip(({ seriesIndex, value, dataIndex }) => (seriesIndex
      ? `${names[value[2]]}\n${target.name}  ${label(value[1])}`
      : `${boxes[dataIndex].label}\nmedian ${label(boxes[dataIndex].five[2])}\nmiddle half ${label(boxes[dataIndex].five[1])} to ${label(boxes[dataIndex].five[3])}`)),
    series: [
      { type: "boxplot", data: boxes.map(({ five }) => five), boxWidth: [8, 44], itemStyle: { color: ink("surface-sunken"), borderColor: ink("ink-soft") } },
      { type: "scatter", data: points, symbolSize: 6, itemStyle: { color: ink("run-1"), opacity: 0.7 } },
    ],
  };
}

function bar({ names, tokens, target, bar: { order } }, kept) {
  const rows = order.filter((row) => !kept || kept.has(row)).reverse();
  return {
    grid: grid({ left: 132, bottom: 30 }),
    xAxis: { ...axis(target, true), name: "", scale: false },
    yAxis: { ...axis({ name: "", kind: "category", categories: rows.map((row) => names[row]) }, false), axisLabel: { ...text("ink"), overflow: "truncate", width: 116, interval: 0 } },
    tooltip: tooltip(({ dataIndex, value }) => `${names[rows[dataIndex]]}\n${target.name}  ${label(value)}`),
    series: [{ type: "bar", barMaxWidth: 14, data: rows.map((row) => ({ value: target.values[row], itemStyle: { color: ink(tokens[row]) } })) }],
  };
}

function correlation({ correlation: { names, rows } }) {
  const onDark = (value) => ({ color: ink(Math.abs(value) > 0.6 ? "surface" : "ink") });
  const cells = rows.flatMap((values, row) => values.map((value, column) => ({ value: [column, row, value ?? "-"], label: onDark(value) })));
  const side = (isX) => ({
    ...axis({ name: "", kind: "category", categories: names }, isX), inverse: !isX, splitLine: { show: false },
    axisLabel: { ...text("ink"), overflow: "truncate", width: 96, rotate: isX ? 40 : 0, interval: 0 },
  });
  return {
    grid: grid({ left: 112, bottom: 84 }), xAxis: side(true), yAxis: side(false),
    tooltip: tooltip(({ value }) => `${names[value[1]]}\n${names[value[0]]}\n${label(value[2])}`),
    visualMap: { show: false, min: -1, max: 1, inRange: { color: [ink("run-2"), ink("surface"), ink("run-1")] } },
    series: [{ type: "heatmap", data: cells, label: { show: names.length < 9, ...text("ink"), formatter: ({ value }) => (value[2] === "-" ? "" : value[2].toFixed(2)) }, itemStyle: { borderColor: ink("line"), borderWidth: 1 } }],
  };
}

const KINDS = { parallel, scatter, contour, box, bar, correlation };

export function optionOf(kind, data, kept = null, choices = {}) {
  return { animation: false, aria: { enabled: true }, ...KINDS[kind](data, kept, choices) };
}
