// Asks every few seconds whether anything changed. Rows that did are swapped where they are; what would move others waits
// in a bar, so that nothing jumps under the mouse and no selection shifts.
import { poll } from "../../lib/polling.js";
import { columnsOf } from "./columns.js";

const SECONDS = 5;

function idsOf(root) {
  return [...root.querySelectorAll(".found-rows > tr[data-run-id]:not(.nested)")].map((row) => row.dataset.runId);
}

function swap(old, fresh) {
  if (old.dataset.version === fresh.dataset.version) return;
  const box = old.querySelector(".check input");
  fresh.querySelector(".check input").checked = box?.checked ?? false;
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(fresh);
  if (hadFocus) fresh.querySelector(".title").focus({ preventScroll: true });
}

// A filter that finds nothing: tells as soon as it does.
export function wireWaiting(place) {
  const bar = document.querySelector("[data-news]");
  poll(async () => {
    const answer = await fetch(place.dataset.rows + place.dataset.here, { cache: "no-store" });
    if (!answer.ok) return answer.status >= 500;
    const hits = Number(/data-hits="(\d+)"/.exec(await answer.text())?.[1] ?? 0);
    if (!hits) return true;
    bar.hidden = false;
    bar.querySelector("span").textContent = `${hits} run${hits === 1 ? "" : "s"} by now.`;
    return false;
  }, SECONDS);
}

export function wireLive(form, changed) {
  const button = document.querySelector("[data-live]");
  const bar = document.querySelector("[data-news]");
  if (!button || !form.querySelector(".found-rows")) return;
  const address = new URL(form.dataset.rows + form.dataset.here, location.href);
  // The columns that are shown: a key that comes meanwhile would shift all behind it.
  address.searchParams.delete("column");
  for (const field of columnsOf(form)) address.searchParams.append("column", field);
  let isOn = true;
  let etag = "";

  function tell(fresh) {
    const [here, there] = [idsOf(form), idsOf(fresh)];
    const added = there.filter((id) => !here.includes(id)).length;
    const before = Number(form.querySelector(".found-rows").dataset.hits);
    const now = Number(fresh.querySelector(".found-rows").dataset.hits);
    const news = Math.max(added, now - before);
    const moved = here.length !== there.length || here.some((id, place) => id !== there[place]);
    bar.hidden = !moved && now === before;
    bar.querySelector("span").textContent = news > 0 ? `${news} new run${news === 1 ? "" : "s"}.` : "The order has changed.";
  }

  function take(text) {
    const holder = document.createElement("template");
    holder.innerHTML = `<table>${text}</table>`;
    const fresh = holder.content;
    tell(fresh);
    for (const old of form.querySelectorAll("tr[data-run-id]:not(.nested)")) {
      const now = fresh.querySelector(`tr[data-run-id="${CSS.escape(old.dataset.runId)}"]`);
      if (now) swap(old, now);
    }
    for (const hidden of form.querySelectorAll("[data-buttons][hidden]")) hidden.hidden = false;
    changed();
  }

  async function ask() {
    if (!isOn) return true;
    const answer = await fetch(address, { headers: etag ? { "If-None-Match": etag } : {}, cache: "no-store" });
    if (answer.status === 304) return true;
    if (!answer.ok) return answer.status >= 500;
    const isFirst = !etag;
    etag = answer.headers.get("ETag") ?? "";
    const text = await answer.text();
    if (!isFirst || text) take(text);
    return true;
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    isOn = !isOn;
    button.setAttribute("aria-pressed", isOn);
  });
  form.addEventListener("rows", changed);
  poll(ask, SECONDS);
}
