// The runs of the table that was seen last in this tab, so that its neighbours are those of the page of a run.
const NAME = "neighbours";

export function rememberRuns(ids) {
  sessionStorage.setItem(NAME, JSON.stringify(ids));
}

// The ids around a run, and which one of how many it is; null where it was not in that table.
export function around(id) {
  const ids = JSON.parse(sessionStorage.getItem(NAME) ?? "[]");
  const place = ids.indexOf(id);
  return place < 0 ? null : { newer: ids[place - 1], older: ids[place + 1], place: place + 1, count: ids.length };
}
