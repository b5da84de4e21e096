// Rows with check boxes: ranges by Shift, all of the page at once, all that match, and how many are chosen.

/** Wires the boxes of a table's body inside `form`, also of rows that come later. `matching` is how many a box named `all`
 * stands for.
 */
export function selectRows(form, table, matching = 0) {
  const boxes = () => [...form.querySelectorAll(`${table} tbody .check input`)];
  const all = form.querySelector("input[name=all]");
  let last = null;

  function tellCount() {
    const chosen = all?.checked ? matching : boxes().filter((box) => box.checked).length;
    for (const output of form.querySelectorAll("[data-count]")) output.textContent = `${chosen.toLocaleString("en")} selected`;
  }

  form.addEventListener("click", (event) => {
    const box = event.target.closest("tbody .check input");
    if (!box) return;
    const list = boxes();
    // A row that has changed meanwhile has another box for the same thing.
    const again = list.includes(last) ? last : list.find((other) => other.name === last?.name && other.value === last.value);
    const before = list.indexOf(again);
    if (event.shiftKey && before >= 0) {
      const [low, high] = [before, list.indexOf(box)].sort((a, b) => a - b);
      for (const other of list.slice(low, high + 1)) other.checked = box.checked;
    }
    last = box;
    if (all && !box.checked) all.checked = false;
    tellCount();
  });
  form.querySelector("[data-check-all]")?.addEventListener("change", (event) => {
    for (const box of boxes()) box.checked = event.target.checked;
    tellCount();
  });
  all?.addEventListener("change", () => {
    if (all.checked) for (const box of boxes()) box.checked = true;
    tellCount();
  });
  form.addEventListener("reset", () => requestAnimationFrame(tellCount));
  tellCount();
  return { refresh: tellCount };
}
