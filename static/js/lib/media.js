// Media at a step: one slider drives all pictures, films and sounds of a page; tables come from the server.
import { remember } from "./charts/settings.js";

// [step, address, path] of a figure at the step nearest to `step`; of two as near, the earlier one.
export function nearest(frames, step) {
  const apart = (frame) => (frame[0] === null ? Infinity : Math.abs(frame[0] - step));
  return frames.reduce((best, frame) => (apart(frame) < apart(best) ? frame : best));
}

function show(figure, step) {
  const [at, address, path] = nearest(JSON.parse(figure.dataset.frames), step);
  const place = figure.querySelector("[data-place]");
  place.textContent = at === null ? "file" : `step ${at.toLocaleString("en")}`;
  place.title = path;
  place.search = new URLSearchParams({ path });
  const medium = figure.querySelector("img, video, audio");
  if (!medium || medium.getAttribute("src") === address) return;
  medium.src = address;
  if (medium.tagName !== "IMG") return;
  medium.alt = medium.alt.replace(/ at step -?\d+$/, ` at step ${at}`);
  medium.closest("a").href = address;
}

async function replaceTables() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("media");
  const tables = (root) => [...root.querySelectorAll("[data-medium='table']")];
  const place = document.getElementById("media");
  tables(place).forEach((figure, index) => figure.replaceWith(tables(fresh)[index]));
}

export function wireStepSlider(changed = () => {}) {
  const form = document.querySelector("[data-step-slider]");
  if (!form) return;
  const steps = form.dataset.steps.split(" ").map(Number);
  const range = form.querySelector("[data-range]"), number = form.querySelector("[data-number]");
  const showAll = (step) => {
    for (const figure of document.querySelectorAll("figure[data-frames]")) show(figure, step);
    changed();
  };
  const settle = () => {
    remember(number.name, number.value === "" ? [] : [number.value]);
    if (document.querySelector("[data-medium='table'][data-frames]")) replaceTables();
  };
  if (number.value !== "") range.value = steps.findIndex((step) => step >= Number(number.value));
  range.addEventListener("input", () => {
    number.value = steps[range.value];
    showAll(steps[range.value]);
  });
  range.addEventListener("change", settle);
  number.addEventListener("change", () => {
    showAll(number.value === "" ? steps.at(-1) : Number(number.value));
    settle();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
}
