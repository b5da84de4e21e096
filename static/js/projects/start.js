// Adds rows for params to the form that starts a run.
const button = document.querySelector("[data-more-rows]");

button.hidden = false;
button.addEventListener("click", () => {
  const rows = button.parentElement.querySelectorAll(".pair");
  const row = rows[rows.length - 1].cloneNode(true);
  for (const input of row.querySelectorAll("input")) {
    input.value = "";
    input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+$/, rows.length + 1));
  }
  button.before(row);
  row.querySelector("input").focus();
});
