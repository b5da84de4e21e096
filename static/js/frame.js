// Wires what every page has: colours, the bar's fold, menus, the keyboard sheet, copy buttons.
import { wireColours } from "./lib/colours.js";
import { remember } from "./lib/cookies.js";
import { wireCopying } from "./lib/copying.js";
import { onKeys } from "./lib/keys.js";
import { closeMenus, wireMenus } from "./lib/menus.js";

const root = document.documentElement;
const sheet = document.getElementById("keyboard");

function openSheet() {
  if (!sheet.open) sheet.showModal();
}

function fold() {
  root.dataset.nav = root.dataset.nav === "folded" ? "open" : "folded";
  remember("nav", root.dataset.nav);
}

wireColours(document.querySelector("[data-colours-button]"));
wireCopying();
wireMenus();
document.querySelector("[data-fold-button]").addEventListener("click", fold);
document.querySelector("[data-opens='keyboard']").addEventListener("click", openSheet);
onKeys({
  "?": openSheet,
  "/": () => document.querySelector("[data-focus-key='/']")?.focus(),
  Escape: () => closeMenus(),
});
