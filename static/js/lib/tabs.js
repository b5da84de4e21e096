// Keys 1 to 9 open the tabs of a page.
import { isTyping } from "../frame.js";

export function wireTabs() {
  const tabs = [...document.querySelectorAll("[data-tab]")];
  addEventListener("keydown", (event) => {
    if (isTyping(event)) return;
    const tab = tabs[Number(event.key) - 1];
    if (tab && event.key >= "1" && event.key <= "9") tab.click();
  });
}
