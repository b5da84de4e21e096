// Compact, normal or roomy rows; the server reads the cookie, so that the next page comes so at once.
export function wireRowHeight() {
  for (const button of document.querySelectorAll("[data-row-height]")) {
    button.addEventListener("click", () => {
      const height = button.dataset.rowHeight;
      if (height) document.documentElement.dataset.rows = height;
      else delete document.documentElement.dataset.rows;
      document.cookie = `rows=${height || "normal"}; path=/; max-age=31536000; SameSite=Strict`;
      button.closest("details").open = false;
    });
  }
}
