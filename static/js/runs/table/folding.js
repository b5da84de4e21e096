// Opens a group or the children of a run in place: the rows come from the same address as a page of them would.
import { addressWith } from "./address.js";
import { columnsOf } from "./columns.js";

function depthOf(row) {
  return Number(row.dataset.depth ?? 0);
}

function below(row) {
  const found = [];
  for (let next = row.nextElementSibling; next && depthOf(next) > depthOf(row); next = next.nextElementSibling) found.push(next);
  return found;
}

async function open(form, row, link) {
  const query = link.dataset.below ? form.dataset.state : new URL(link.href).search;
  const changes = { column: columnsOf(form), ...(link.dataset.below ? { below: [link.dataset.below] } : { in: ["groups"] }) };
  const address = addressWith(changes, new URL(form.dataset.rows + query, location.href));
  if (!address.searchParams.has("rows")) address.searchParams.set("rows", "25");
  const answer = await fetch(address);
  if (!answer.ok) { location.assign(link.href); return; }
  const holder = document.createElement("template");
  holder.innerHTML = `<table>${await answer.text()}</table>`;
  const rows = [...holder.content.querySelectorAll(".found-rows > tr")];
  for (const added of rows) {
    added.dataset.depth = depthOf(row) + 1;
    added.classList.add("nested", `depth-${Math.min(4, depthOf(row) + 1)}`);
  }
  row.after(...rows);
}

/** What is open stays open in the page; its address is that of the page it came from. */
export function wireFolding(form) {
  form.addEventListener("click", async (event) => {
    const link = event.target.closest(".fold");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const row = link.closest("tr");
    const isOpen = link.getAttribute("aria-expanded") === "true";
    link.setAttribute("aria-expanded", !isOpen);
    if (isOpen) for (const other of below(row)) other.remove();
    else await open(form, row, link);
    form.dispatchEvent(new Event("rows"));
  });
}
