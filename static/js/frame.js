// Wires what every page has: colours, the bar's fold, the keyboard sheet, copy buttons, menus.
const root = document.documentElement;
const YEAR_SECONDS = 31536000;

// The server reads these cookies, so that the next page comes in the chosen colours at once.
function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_SECONDS}; SameSite=Strict`;
}

function wire(selector, action) {
  for (const element of document.querySelectorAll(selector)) {
    element.hidden = false;
    element.addEventListener("click", () => action(element));
  }
}

function nextScheme(button) {
  const schemes = ["auto", "light", "dark"];
  const next = schemes[(schemes.indexOf(root.dataset.theme ?? "auto") + 1) % schemes.length];
  if (next === "auto") delete root.dataset.theme;
  else root.dataset.theme = next;
  button.querySelector(".badge").textContent = next;
  remember("theme", next);
  root.dispatchEvent(new Event("colours"));
}

function fold() {
  const folded = root.dataset.nav !== "folded";
  root.dataset.nav = folded ? "folded" : "open";
  remember("nav", root.dataset.nav);
}

async function copy(button) {
  const text = button.dataset.copy ?? button.parentElement.querySelector("pre, code").textContent;
  const label = button.querySelector(".label");
  try {
    await navigator.clipboard.writeText(text);
    label.textContent = "Copied";
  } catch {
    label.textContent = "Press Ctrl-C";
    getSelection().selectAllChildren(button.parentElement.querySelector("pre, code"));
  }
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

const sheet = document.getElementById("keyboard");

wire("[data-theme-button]", nextScheme);
wire("[data-fold-button]", fold);
wire("[data-sheet-button]", () => sheet.showModal());
wire("button.copy", copy);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => root.dispatchEvent(new Event("colours")));
// A menu that asks for something is opened to be answered.
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("details.menu[open]")) event.target.querySelector("input.input")?.select();
}, true);
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

export function isTyping(event) {
  return event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog");
}

// Keys after g lead to pages.
const PLACES = { r: "/", m: "/models/" };
let before = "";

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus();
  if (isTyping(event)) return;
  if (before === "g" && PLACES[event.key]) location.assign(PLACES[event.key]);
  before = event.key;
  if (event.key === "?") sheet.showModal();
  if (event.key !== "/") return;
  event.preventDefault();
  document.querySelector("[data-focus-key='/']")?.focus();
});

// On a phone the strip of tabs is wider than the page.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

for (const control of document.querySelectorAll("[data-submit-on-change]")) {
  control.addEventListener("change", () => control.form.requestSubmit());
}
