// Selection, ranges and keys of templates/runs/run_table.html. Without it boxes, links and forms do the same.
import { isTyping } from "../frame.js";

const boxes = [...document.querySelectorAll(".run-table tbody .check input")];
const rows = boxes.map((box) => box.closest("tr"));
const form = document.getElementById("selection");
let last = null;
let current = -1;

function tellCount() {
  const chosen = boxes.filter((box) => box.checked).length;
  for (const output of document.querySelectorAll("[data-count]")) output.textContent = `${chosen} selected`;
}

function checkRange(from, to, checked) {
  const [low, high] = [from, to].sort((a, b) => a - b);
  for (const box of boxes.slice(low, high + 1)) box.checked = checked;
}

function onBox(event, place) {
  if (event.shiftKey && last !== null) checkRange(last, place, boxes[place].checked);
  last = place;
  tellCount();
}

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

boxes.forEach((box, place) => box.addEventListener("click", (event) => onBox(event, place)));
rows.forEach((row, place) => row.addEventListener("focusin", () => { current = place; }));
document.querySelector("[data-check-all]")?.addEventListener("change", (event) => {
  checkRange(0, boxes.length - 1, event.target.checked);
  tellCount();
});
form?.addEventListener("reset", () => requestAnimationFrame(tellCount));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (!isTyping(event) || event.target.closest(".check")) keys[event.key]?.();
});
tellCount();
