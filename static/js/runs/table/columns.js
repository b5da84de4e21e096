// Which columns a table has, and the dialog that chooses them: a click brings one forward. What is shown is in the address.

/** The fields of the columns that a table shows: rows that are put into it get the same. */
export function columnsOf(form) {
  return [...form.querySelectorAll("thead .names [data-field]:not(.name)")].map((head) => head.dataset.field);
}

export function wireColumns(form) {
  if (!form) return;
  for (const button of form.querySelectorAll("[data-up]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const choice = button.closest(".choice");
      const before = choice.previousElementSibling;
      if (before?.matches(".choice")) before.before(choice);
      button.focus();
    });
  }
  // Of a metric that is hidden nothing is sent.
  form.addEventListener("submit", () => {
    for (const select of form.querySelectorAll("select[name=column]")) select.disabled = !select.value;
  });
}
