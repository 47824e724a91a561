/** How transports are called. */

/** What is known of one as it is written. */
interface WrittenTransport {
  readonly type?: unknown;
  readonly name?: unknown;
}

/** Those without a name are called by their type and, from the second on, by number: udp, udp-2. `written`: the list, whatever it is; absent: one of type udp. */
export function transportNames(written: unknown): string[] {
  const entries: readonly WrittenTransport[] = Array.isArray(written) ? written.filter(isEntry) : [{ type: 'udp' }];
  const taken = new Set<unknown>(entries.map(({ name }) => name));
  return entries.map(({ type, name }) => {
    const used = typeof name === 'string' ? name : freeName(String(type), taken);
    taken.add(used);
    return used;
  });
}

function isEntry(value: unknown): value is WrittenTransport {
  return typeof value === 'object' && value !== null;
}

function freeName(type: string, taken: ReadonlySet<unknown>): string {
  let name = type;
  for (let number = 2; taken.has(name); number++) {
    name = `${type}-${number}`;
  }
  return name;
}

/** What is wrong with a name of a transport that an access rule asks for; undefined: there is such a one. */
export function unknownTransport(name: string, known: readonly string[]): string | undefined {
  return known.includes(name)
    ? undefined
    : `there is no transport with the name ${JSON.stringify(name)}, so it fits no client; there is ${known.map((each) => JSON.stringify(each)).join(', ')}`;
}

/** The same of all names that a rule has, whatever it has. */
export function unknownTransports(written: unknown, known: readonly string[]): string[] {
  const names = Array.isArray(written) ? written.filter((each) => typeof each === 'string') : [];
  return names.flatMap((name) => unknownTransport(name, known) ?? []);
}
