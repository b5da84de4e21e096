// Reads a colour token as the browser resolves it now: a canvas cannot read light-dark().
const probe = document.createElement("i");
probe.hidden = true;
document.body.append(probe);

function channels(token) {
  probe.style.color = `var(--${token})`;
  return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3);
}

export function colour(token, alpha = 1) {
  return `rgb(${channels(token).join(" ")} / ${alpha})`;
}

// As libraries read it that know older ways of writing a colour alone.
export function hex(token) {
  return `#${channels(token).map((channel) => Math.round(channel).toString(16).padStart(2, "0")).join("")}`;
}

// Calls back when the page changes between light and dark.
export function onColours(callback) {
  document.documentElement.addEventListener("colours", callback);
}
