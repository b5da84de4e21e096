// The keys of the table, as the sheet behind `?` lists them.
import { isTyping } from "../../frame.js";
import { go, toggled, valuesOf } from "./address.js";
import { openCellMenu } from "./cells.js";

export function wireKeys(form) {
  let current = -1;
  let before = "";
  const rows = () => [...form.querySelectorAll(".run-table tbody tr:has(.title)")];
  const row = () => rows()[current];
  const runId = () => row()?.dataset.runId;

  function move(place) {
    const list = rows();
    current = Math.max(0, Math.min(list.length - 1, place));
    list[current]?.querySelector(".title").focus();
  }

  function submit(action) {
    if (!form.querySelector("tbody .check input:checked")) row()?.querySelector(".check input")?.click();
    if (form.querySelector("tbody .check input:checked")) form.querySelector(`button[value=${action}]`)?.click();
  }

  function tag() {
    if (!form.querySelector("tbody .check input:checked")) row()?.querySelector(".check input")?.click();
    const menu = form.querySelector("[data-key-target=t]")?.closest("details");
    if (!menu) return;
    menu.open = true;
    menu.querySelector("input").focus();
  }

  const keys = {
    j: () => move(current + 1),
    k: () => move(current - 1),
    x: () => row()?.querySelector(".check input")?.click(),
    o: () => row() && window.open(row().querySelector(".title").href, "_blank", "noopener"),
    c: () => form.querySelector("tbody .check input:checked") && form.querySelector("button[value=compare]").click(),
    p: () => runId() && go({ pin: toggled("pin", runId()) }, runId()),
    b: () => runId() && go({ base: valuesOf("base").includes(runId()) ? [] : [runId()] }, runId()),
    t: tag,
    "#": () => submit("trash"),
    "[": () => document.querySelector(".paging [rel=prev]")?.click(),
    "]": () => document.querySelector(".paging [rel=next]")?.click(),
    ".": () => openCellMenu(document.activeElement.closest("tr")),
  };

  // The row whose key made this page is still the row in use.
  const kept = sessionStorage.getItem("row");
  sessionStorage.removeItem("row");
  const place = kept ? rows().findIndex((other) => other.dataset.runId === kept) : -1;
  if (place >= 0) requestAnimationFrame(() => move(place));

  form.addEventListener("focusin", (event) => {
    const focused = rows().indexOf(event.target.closest("tr"));
    if (focused >= 0) current = focused;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event) && !event.target.matches("input[type=checkbox]")) return;
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
