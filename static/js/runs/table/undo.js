// The undo of a toast is there for ten seconds. Afterwards the trash has it.
const SECONDS = 10;

export function wireUndo() {
  const toast = document.querySelector("[data-undo]");
  if (!toast) return;
  const address = new URL(location.href);
  address.searchParams.delete("undo");
  history.replaceState(null, "", address);
  let left = SECONDS;
  const output = toast.querySelector(".left");
  const timer = setInterval(() => {
    if (toast.matches(":hover, :focus-within")) return;
    left -= 1;
    output.textContent = `${left} s`;
    if (left > 0) return;
    clearInterval(timer);
    toast.remove();
  }, 1000);
}
