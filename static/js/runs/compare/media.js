// Pictures of runs against those of the base: side by side, as a difference, under a curtain, or one through the other.
import { remember } from "../../lib/charts/settings.js";
import { wireStepSlider } from "../../lib/media.js";

const place = document.querySelector("[data-compare-media]");
const NEEDS_SLIDER = new Set(["swipe", "onion"]);

// Each picture gets the base's on top of it, where the style of the mode makes something of the two.
function overlay() {
  for (const row of place.querySelectorAll(".media-row")) {
    const base = row.querySelector("[data-base] img");
    for (const link of row.querySelectorAll(".cell:not([data-base]) .picture-link")) {
      let over = link.querySelector(".over");
      if (!base) continue;
      if (!over) {
        over = new Image();
        over.className = "over";
        over.alt = "";
        link.append(over);
      }
      if (over.getAttribute("src") !== base.getAttribute("src")) over.src = base.getAttribute("src");
    }
  }
}

function setMode(mode) {
  place.dataset.mode = mode;
  for (const button of place.querySelectorAll("[data-mode-button]")) {
    button.setAttribute("aria-pressed", button.dataset.modeButton === mode);
  }
  place.querySelector("[data-blend]").hidden = !NEEDS_SLIDER.has(mode);
  if (mode !== "side") overlay();
}

export function wireMedia() {
  if (!place) return;
  wireStepSlider(() => { if (place.dataset.mode !== "side") overlay(); });
  const blend = place.querySelector("[data-blend]");
  if (!blend) return;
  const share = () => place.style.setProperty("--share", `${blend.querySelector("input").value}%`);
  blend.addEventListener("input", share);
  share();
  for (const button of place.querySelectorAll("[data-mode-button]")) {
    button.addEventListener("click", () => {
      setMode(button.dataset.modeButton);
      remember("mode", button.dataset.modeButton === "side" ? [] : [button.dataset.modeButton]);
    });
  }
  setMode(place.dataset.mode);
}
