// Reads a colour token as the browser resolves it now: a canvas cannot read light-dark().
const probe = document.createElement("i");
probe.hidden = true;
document.body.append(probe);

export function colour(token, alpha = 1) {
  probe.style.color = `var(--${token})`;
  const rgb = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).join(" ");
  return `rgb(${rgb} / ${alpha})`;
}

// Calls back when the page changes between light and dark.
export function onColours(callback) {
  document.documentElement.addEventListener("colours", callback);
}
