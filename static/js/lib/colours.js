// Light, dark or as the system says. Whoever draws with the tokens' colours listens for "colours" on the root element.
import { remember } from "./cookies.js";

const SCHEMES = ["auto", "light", "dark"];
const root = document.documentElement;

function tell() {
  root.dispatchEvent(new Event("colours"));
}

function choose(scheme, button) {
  if (scheme === "auto") delete root.dataset.theme;
  else root.dataset.theme = scheme;
  button.querySelector(".badge").textContent = scheme;
  remember("theme", scheme);
  tell();
}

export function wireColours(button) {
  button.addEventListener("click", () => {
    const current = SCHEMES.indexOf(root.dataset.theme ?? "auto");
    choose(SCHEMES[(current + 1) % SCHEMES.length], button);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
}
