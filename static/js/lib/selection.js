// Rows with check boxes: ranges by Shift, all at once, and how many are chosen.

/** Wires the boxes of a table's body inside `form`; returns them in the order of the rows. */
export function selectRows(form, table) {
  const boxes = [...form.querySelectorAll(`${table} tbody .check input`)];
  let last = null;

  const tellCount = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    for (const output of form.querySelectorAll("[data-count]")) output.textContent = `${chosen} selected`;
  };
  const checkRange = (from, to, checked) => {
    const [low, high] = [from, to].sort((a, b) => a - b);
    for (const box of boxes.slice(low, high + 1)) box.checked = checked;
  };

  boxes.forEach((box, place) => box.addEventListener("click", (event) => {
    if (event.shiftKey && last !== null) checkRange(last, place, box.checked);
    last = place;
    tellCount();
  }));
  form.querySelector("[data-check-all]")?.addEventListener("change", (event) => {
    checkRange(0, boxes.length - 1, event.target.checked);
    tellCount();
  });
  form.addEventListener("reset", () => requestAnimationFrame(tellCount));
  tellCount();
  return boxes;
}
