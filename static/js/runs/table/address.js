// A table's state lives in its address: what changes there is a new page.

/** The address of the page with changes: a list for each name, empty to leave it out. The first page of the result. */
export function addressWith(changes, base = location.href) {
  const address = new URL(base, location.href);
  address.searchParams.delete("cursor");
  for (const [name, values] of Object.entries(changes)) {
    address.searchParams.delete(name);
    for (const value of values) address.searchParams.append(name, value);
  }
  return address;
}

export function valuesOf(name) {
  return new URL(location.href).searchParams.getAll(name);
}

/** Puts a value into a list of the address, or takes it out. */
export function toggled(name, value) {
  const values = valuesOf(name);
  return values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
}

/** Goes to the page with changes; the row in use stays so. */
export function go(changes, runId) {
  if (runId) sessionStorage.setItem("row", runId);
  location.assign(addressWith(changes));
}
