// What may be typed next in the filter, from the server, and the last filters by the arrow up in an empty word.
const KEPT = 20;
const STORE = "filters";
const WAIT_MS = 120;

function earlier() {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "[]");
  } catch {
    return [];
  }
}

function keep(text) {
  if (!text.trim()) return;
  const kept = [text, ...earlier().filter((other) => other !== text)].slice(0, KEPT);
  try {
    localStorage.setItem(STORE, JSON.stringify(kept));
  } catch {
    // A full or forbidden store costs the history, nothing else.
  }
}

class Box {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[name=q]");
    this.list = document.createElement("ul");
    this.list.className = "suggestions";
    this.list.id = "suggestions";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Suggestions");
    this.list.hidden = true;
    form.append(this.list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", "suggestions"]]) {
      this.input.setAttribute(name, value);
    }
    this.wire();
  }

  wire() {
    let timer;
    this.input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.ask(), WAIT_MS);
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.form.addEventListener("submit", () => keep(this.input.value));
    keep(this.input.value);
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) this.choose([...this.list.children].indexOf(item));
    });
  }

  async ask() {
    const { typed } = this;
    if (!/[^\s)]$/.test(typed)) { this.close(); return; }
    const answer = await fetch(`${this.form.dataset.suggest}?q=${encodeURIComponent(typed.slice(-200))}`);
    if (!answer.ok || document.activeElement !== this.input) return;
    const { suggestions } = await answer.json();
    // Who types on has asked again.
    if (this.typed === typed) this.show(suggestions.filter(([text]) => !typed.endsWith(text)), (text) => this.completed(text));
  }

  get typed() { return this.input.value.slice(0, this.input.selectionStart); }

  // Of what is typed by now: more than when the list came, where somebody types fast.
  completed(text) {
    const { typed } = this;
    const rest = this.input.value.slice(typed.length);
    const start = typed.replace(/-?[^\s()]*(\s*!?=\s*'?[^\s()']*)?$/, (word) => (word.startsWith("-") ? "-" : ""));
    return [start + text, rest];
  }

  show(items, complete) {
    this.items = items;
    this.complete = complete;
    this.place = -1;
    this.list.replaceChildren(...items.map(([text, what], place) => {
      const item = document.createElement("li");
      item.id = `suggestion-${place}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      const kind = document.createElement("span");
      kind.textContent = what;
      item.append(text, kind);
      return item;
    }));
    this.list.hidden = !items.length;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
  }

  mark(place) {
    this.place = (place + this.items.length) % this.items.length;
    [...this.list.children].forEach((item, other) => item.setAttribute("aria-selected", other === this.place));
    this.input.setAttribute("aria-activedescendant", `suggestion-${this.place}`);
    this.list.children[this.place].scrollIntoView({ block: "nearest" });
  }

  choose(place) {
    const [before, after] = this.complete(this.items[place][0]);
    this.input.value = before + after;
    this.input.setSelectionRange(before.length, before.length);
    this.close();
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (this.list.hidden) {
      // Back to the filter that the table shows, not to none.
      if (event.key === "Escape") {
        event.preventDefault();
        this.input.value = this.input.defaultValue;
      }
      if (event.key !== "ArrowUp") return;
      const kept = earlier().filter((text) => text !== this.input.value);
      if (!kept.length) return;
      event.preventDefault();
      this.show(kept.map((text) => [text, "earlier"]), (text) => [text, ""]);
      this.mark(0);
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.mark(this.place + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && this.place >= 0) {
      event.preventDefault();
      this.choose(this.place);
    } else if (event.key === "Tab" && this.items.length) {
      event.preventDefault();
      this.choose(Math.max(0, this.place));
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }
}

export function wireSuggestions(form) {
  if (form) new Box(form);
}
