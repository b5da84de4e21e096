// What all plots look like: inks, axes and tooltips from the page's tokens. Tooltips are rich text, never HTML.
import { hex } from "../charts/colours.js";
import { significant, tick } from "../numbers.js";

const FONT = '-apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif';

export const ink = (token) => hex(token);
export const text = (token = "ink-soft", fontSize = 11) => ({ color: hex(token), fontSize, fontFamily: FONT });
export const scale = () => [1, 2, 3, 4, 5].map((step) => hex(`scale-${step}`));

export const tooltip = (formatter, more = {}) => ({
  renderMode: "richText",
  backgroundColor: hex("surface-raised"),
  borderColor: hex("line-strong"),
  borderWidth: 1,
  textStyle: { ...text("ink"), fontSize: 12 },
  confine: true,
  formatter,
  ...more,
});

// The numbers of a metric as colours from the low end to the high end.
export const colourBy = (dimension, values, more = {}) => ({
  show: false, type: "continuous", dimension, min: Math.min(...values), max: Math.max(...values), inRange: { color: scale() }, ...more,
});

export const label = (value) => (typeof value === "number" ? significant(value) : (value ?? "not set"));

// An axis of a column: by magnitude where the server says so, its texts in their order where it is a category.
export function axis(column, isX, more = {}) {
  const type = { number: "value", log: "log", category: "category" }[column.kind];
  return {
    type,
    ...(type === "category" ? { data: column.categories } : { scale: true }),
    name: column.name, nameLocation: "middle", nameGap: isX ? 28 : 46, nameTextStyle: text("ink", 12),
    axisLabel: { ...text(), hideOverlap: true, ...(type === "category" ? { overflow: "truncate", width: 76 } : { formatter: tick }) },
    axisLine: { lineStyle: { color: hex("line-strong") } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: hex("line") } },
    minorSplitLine: { show: false },
    ...more,
  };
}

export const grid = (more = {}) => ({ left: 64, right: 18, top: 16, bottom: 46, ...more });

// Rows that are there in all the columns, as [row, ...values], without those that a brush left out.
export function rowsOf(columns, kept) {
  const rows = [];
  columns[0].values.forEach((_, row) => {
    const values = columns.map((column) => column.values[row]);
    if (values.every((value) => value !== null) && (!kept || kept.has(row))) rows.push([...values, row]);
  });
  return rows;
}
