// Menus are <details> and open by themselves; a click elsewhere and Escape close them.
export function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

export function wireMenus() {
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
}
