// Wires what all pages of a run have: keys of the tabs, and the way to its neighbours, with the arrow keys too.
import { isTyping } from "../../frame.js";
import { around } from "../../lib/neighbours.js";
import { wireTabs } from "../../lib/tabs.js";

const nav = document.querySelector("[data-neighbours]");

// Runs of a table lead on to those beside them there; without a table the experiment's order stays.
function lead(link, id) {
  if (!link) return;
  link.hidden = !id;
  if (!id) return;
  link.href = location.pathname.replace(nav.dataset.run, id);
  link.title = "In the order of the table";
  link.setAttribute("aria-label", link.rel === "prev" ? "Run above in the table" : "Run below in the table");
}

const table = around(nav.dataset.run);
if (table) {
  lead(nav.querySelector("[data-newer]"), table.newer);
  lead(nav.querySelector("[data-older]"), table.older);
  const place = nav.querySelector("[data-place]");
  place.textContent = `${table.place} of ${table.count}`;
  place.hidden = false;
}

addEventListener("keydown", (event) => {
  // A slider and a table that scrolls have the arrows for themselves.
  if (isTyping(event) || event.shiftKey || event.target.closest("[tabindex='0'], audio, video")) return;
  const link = { ArrowLeft: "[data-newer]", ArrowRight: "[data-older]" }[event.key];
  if (link) nav.querySelector(`${link}:not([hidden])`)?.click();
});
wireTabs();
