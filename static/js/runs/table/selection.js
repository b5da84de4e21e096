// The runs that are selected, and the fields of the bar below them.
import { selectRows } from "../../lib/selection.js";

export function wireSelection(form) {
  const matching = Number(form.querySelector("[data-hits]")?.dataset.hits ?? 0);
  // Enter in a field of the bar means the button beside it, not the form's first.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches(".selection-bar .input")) return;
    event.preventDefault();
    event.target.closest(".panel").querySelector("button").click();
  });
  return selectRows(form, ".run-table", matching);
}
