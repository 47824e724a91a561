/** Tables of what was used last: bounded, and what was used longest ago is forgotten first. */

/** Puts a value under a name, to the end of the table; where there are more than `most` then, the first one goes. */
export function remember<Value>(table: Map<string, Value>, name: string, value: Value, most: number): void {
  table.delete(name);
  table.set(name, value);
  if (table.size > most) {
    for (const oldest of table.keys()) {
      table.delete(oldest);
      break;
    }
  }
}
