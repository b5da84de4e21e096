// Wires templates/runs/table/page.html. Without it boxes, links and forms filter, sort, page, group, select and compare.
import { showButtons } from "../lib/filter-list.js";
import { rememberRuns } from "../lib/neighbours.js";
import { wireCells } from "./table/cells.js";
import { wireColumns } from "./table/columns.js";
import { wireDrawing } from "./table/drawing.js";
import { wireFolding } from "./table/folding.js";
import { wireKeys } from "./table/keys.js";
import { wireLive, wireWaiting } from "./table/live.js";
import { wireRowHeight } from "./table/row-height.js";
import { wireSelection } from "./table/selection.js";
import { wireSuggestions } from "./table/suggestions.js";
import { wireUndo } from "./table/undo.js";

const form = document.getElementById("selection");
const waiting = document.querySelector("[data-waiting]");

showButtons();
wireRowHeight();
wireUndo();
wireSuggestions(document.querySelector("[data-suggest]"));
wireColumns(document.querySelector("[data-columns]"));
if (waiting) wireWaiting(waiting);
addEventListener("pagehide", () => {
  rememberRuns([...document.querySelectorAll("tr[data-run-id]")].map((row) => row.dataset.runId));
});
if (form) {
  const selection = wireSelection(form);
  wireFolding(form);
  const drawing = wireDrawing(form);
  wireCells(form);
  wireKeys(form);
  wireLive(form, () => { selection.refresh(); drawing.refresh(); });
}
