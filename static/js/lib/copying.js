// A button with data-copies="<id>" copies the text of that element.
export function wireCopying() {
  for (const button of document.querySelectorAll("[data-copies]")) {
    button.addEventListener("click", () => copy(button));
  }
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.querySelector(".label").textContent = "Copied";
  } catch {
    // Without leave to write to the clipboard: select it, so that Ctrl+C does the rest.
    getSelection().selectAllChildren(source);
    button.querySelector(".label").textContent = "Press Ctrl+C";
  }
}
