// The menu of a cell, by a right click or `.`: filter to its value, leave it out, group or sort by it; of a name: pin, baseline.
import { addressWith, toggled, valuesOf } from "./address.js";

let menu;

function quoted(text) {
  return `'${text.replaceAll("'", "''")}'`;
}

function withCondition(condition) {
  const text = new URL(location.href).searchParams.get("q") ?? "";
  return addressWith({ q: [text ? `${/\bor\b/i.test(text) ? `(${text})` : text} AND ${condition}` : condition] });
}

function choicesOf(cell) {
  const { field } = cell.dataset;
  const row = cell.closest("tr");
  if (!field) {
    if (!row.dataset.runId) return [];
    const id = row.dataset.runId;
    const isBase = valuesOf("base").includes(id);
    return [
      ["Pin on top", addressWith({ pin: toggled("pin", id) }), valuesOf("pin").includes(id) ? "Unpin" : null],
      ["Make it the baseline", addressWith({ base: isBase ? [] : [id] }), isBase ? "No baseline" : null],
    ].map(([label, address, other]) => [other ?? label, address]);
  }
  const isMissing = cell.classList.contains("missing") || cell.querySelector(".missing") !== null;
  const isMetric = /^(\w+\()?metrics\./.test(field);
  const value = isMetric ? cell.querySelector(".value")?.title || cell.querySelector(".value [title]")?.title : cell.title;
  if (isMissing) {
    return [["Only runs without it", withCondition(`${field} IS NULL`)], ["Only runs with it", withCondition(`has(${field.replace(/^\w+\(|\)$/g, "")})`)]];
  }
  if (isMetric) {
    return [
      [`At least ${value}`, withCondition(`${field} >= ${value}`)],
      [`At most ${value}`, withCondition(`${field} <= ${value}`)],
      ["Sort by it", addressWith({ sort: [field], desc: ["1"] })],
    ];
  }
  return [
    ["Only this value", withCondition(`${field} = ${quoted(value)}`)],
    ["Without this value", withCondition(`NOT ${field} = ${quoted(value)}`)],
    ["Group by it", addressWith({ group: [...valuesOf("group").filter((other) => other !== field), field] })],
    ["Sort by it", addressWith({ sort: [field] })],
  ];
}

function close() {
  menu?.remove();
  menu = null;
}

function show(cell, x, y) {
  close();
  const choices = choicesOf(cell);
  if (!choices.length) return;
  menu = document.createElement("div");
  menu.className = "cell-menu";
  menu.setAttribute("role", "menu");
  menu.append(...choices.map(([label, address]) => {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = label;
    link.setAttribute("role", "menuitem");
    return link;
  }));
  document.body.append(menu);
  menu.style.setProperty("left", `${Math.max(4, Math.min(x, innerWidth - menu.offsetWidth - 8))}px`);
  menu.style.setProperty("top", `${Math.max(4, Math.min(y, innerHeight - menu.offsetHeight - 8))}px`);
  menu.querySelector("a").focus();
}

/** Opens the menu of the cell under the pointer in a row, or of its name. */
export function openCellMenu(row) {
  if (!row) return;
  const cell = row.querySelector("td:hover[data-field]") ?? row.querySelector("th.name");
  const { left, bottom } = cell.getBoundingClientRect();
  show(cell, left + 8, bottom);
}

export function wireCells(form) {
  form.addEventListener("contextmenu", (event) => {
    const cell = event.target.closest("tbody td[data-field], tbody th.name");
    if (!cell || event.target.closest("a")) return;
    event.preventDefault();
    show(cell, event.clientX, event.clientY);
  });
  document.addEventListener("pointerdown", (event) => !event.target.closest(".cell-menu") && close());
  document.addEventListener("keydown", (event) => {
    if (!menu) return;
    const links = [...menu.querySelectorAll("a")];
    const place = links.indexOf(document.activeElement);
    if (event.key === "Escape" || event.key === "Tab") close();
    if (event.key === "ArrowDown") links[(place + 1) % links.length].focus();
    if (event.key === "ArrowUp") links[(place - 1 + links.length) % links.length].focus();
    if (event.key.startsWith("Arrow")) event.preventDefault();
  });
}
