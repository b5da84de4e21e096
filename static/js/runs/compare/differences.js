// n and p go to the next and the previous row in which runs differ.
export function wireDifferences() {
  const scroll = document.querySelector(".diff-scroll");
  if (!scroll) return;
  addEventListener("keydown", (event) => {
    if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "n" && event.key !== "p") return;
    const rows = [...scroll.querySelectorAll("tr[data-differs]")].filter((row) => !row.hidden);
    const place = rows.findIndex((row) => row.classList.contains("here"));
    const next = rows[event.key === "n" ? place + 1 : Math.max(0, place - 1)];
    if (!next) return;
    rows[place]?.classList.remove("here");
    next.classList.add("here");
    next.scrollIntoView({ block: "nearest" });
  });
}
