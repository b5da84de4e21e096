// A search box that hides what does not hold its words: data-filter names the items by selector.
export function wireFilters(root = document) {
  for (const box of root.querySelectorAll("[data-filter]")) {
    box.addEventListener("input", () => {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const item of document.querySelectorAll(box.dataset.filter)) {
        const text = (item.dataset.text ?? item.textContent).toLowerCase();
        item.hidden = !words.every((word) => text.includes(word));
      }
    });
  }
}

// What works by script alone is hidden until there is one.
export function showButtons(root = document) {
  for (const element of root.querySelectorAll("[data-buttons]")) element.hidden = false;
}
