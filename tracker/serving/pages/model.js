// Asks the model what the form holds, and keeps the line for a shell the same as the form.
const form = document.querySelector("[data-form]");
const answer = document.querySelector("[data-answer]");
const curl = document.querySelector("[data-curl]");
const copy = document.querySelector("[data-copy]");

const readers = {
  whole: Number,
  number: Number,
  boolean: (text) => text === "true",
  json: JSON.parse,
};

function body() {
  const written = form.querySelector("[data-body]");
  return written ? written.value : JSON.stringify(fromFields());
}

function fromFields() {
  const columns = [], row = [], params = {};
  for (const field of form.querySelectorAll("[data-kind]")) {
    const { kind, part, name, required } = field.dataset;
    if (field.value === "" && !(kind === "text" && required)) continue;
    const value = (readers[kind] ?? String)(field.value);
    if (part === "params") params[name] = value;
    else { columns.push(name); row.push(value); }
  }
  const split = form.dataset.names === "yes" ? { columns, data: [row] } : { data: [row] };
  return Object.keys(params).length ? { dataframe_split: split, params } : { dataframe_split: split };
}

function quoted(text) {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

function showCurl() {
  try {
    curl.textContent = `curl ${new URL("invocations", location.href)} -H 'Content-Type: application/json' -d ${quoted(body())}`;
  } catch {
    // A list or an object that is being typed is no JSON yet.
  }
}

function show(told, text, isProblem) {
  const line = document.createElement("p"), content = document.createElement("pre");
  line.className = "soft";
  line.textContent = told;
  content.textContent = text;
  content.tabIndex = 0;
  content.classList.toggle("problem", isProblem);
  answer.replaceChildren(line, content);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const began = performance.now();
  try {
    const response = await fetch("invocations", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: body(),
    });
    const text = await response.text();
    show(`${response.status} in ${(performance.now() - began).toFixed(1)} ms`, text, !response.ok);
  } catch (error) {
    show("no answer", String(error), true);
  }
});
form.addEventListener("input", showCurl);

copy.hidden = !navigator.clipboard;
copy.addEventListener("click", async () => {
  await navigator.clipboard.writeText(curl.textContent);
  copy.textContent = "Copied";
  setTimeout(() => { copy.textContent = "Copy"; }, 1500);
});
