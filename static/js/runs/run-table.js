// Selection, ranges and keys of templates/runs/run_table.html. Without it boxes, links and forms do the same.
import { isTyping } from "../frame.js";
import { selectRows } from "../lib/selection.js";

const form = document.getElementById("selection");
const boxes = form ? selectRows(form, ".run-table") : [];
const rows = boxes.map((box) => box.closest("tr"));
let current = -1;

function go(place) {
  current = Math.max(0, Math.min(rows.length - 1, place));
  rows[current]?.querySelector(".title").focus();
}

const keys = {
  j: () => go(current + 1),
  k: () => go(current - 1),
  x: () => boxes[current]?.click(),
  c: () => boxes.some((box) => box.checked) && form.requestSubmit(),
  "[": () => document.querySelector(".paging [rel=prev]")?.click(),
  "]": () => document.querySelector(".paging [rel=next]")?.click(),
};

rows.forEach((row, place) => row.addEventListener("focusin", () => { current = place; }));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (!isTyping(event) || event.target.closest(".check")) keys[event.key]?.();
});
