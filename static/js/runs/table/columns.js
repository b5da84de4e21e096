// The dialog that chooses columns: a click brings a column forward. What is shown and in which order is in the address.
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
