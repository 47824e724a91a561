/** Everything that can be reached from an object, whatever it is in: fields, also private ones (open-hooks.mjs), maps, sets, lists. */

/** An object of which nothing is known but its fields. */
// biome-ignore lint/suspicious/noExplicitAny: the checks are about what the types do not say
export type Thing = Record<string, any>;

/** Fields that lead to nothing that is remembered: what an operator has set, and what is of one turn only. */
const LEFT_OUT = new Set(['settings', 'decoding', '$turn', 'random', 'predefined', 'latencies']);

export interface Graph {
  /** What can be reached, and from where it was reached first, as a path of fields. */
  readonly found: ReadonlyMap<object, string>;
  /** The sizes of all maps, sets and lists, by the path to them, without keys. */
  readonly sizes: ReadonlyMap<string, number>;
}

export function graphOf(root: object): Graph {
  const found = new Map<object, string>([[root, '']]);
  const sizes = new Map<string, number>();
  for (const [thing, path] of found) {
    const visit = (value: unknown, name: string): void => {
      if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !found.has(value)) {
        found.set(value, `${path}${name}`);
      }
    };
    if (thing instanceof Map || thing instanceof Set || Array.isArray(thing)) {
      const size = Array.isArray(thing) ? thing.length : thing.size;
      sizes.set(path, Math.max(size, sizes.get(path) ?? 0));
    }
    if (thing instanceof Map) {
      for (const [key, value] of thing) {
        visit(key, '.key');
        visit(value, '.value');
      }
    } else if (thing instanceof Set || Array.isArray(thing)) {
      for (const value of thing) {
        visit(value, '[]');
      }
    } else {
      for (const [name, value] of Object.entries(thing)) {
        if (!LEFT_OUT.has(name)) {
          visit(value, `.${name}`);
        }
      }
    }
  }
  return { found, sizes };
}

/** Those of a class. */
export function* ofClass(graph: Graph, name: string): Iterable<[Thing, string]> {
  for (const [thing, path] of graph.found) {
    if (thing.constructor?.name === name) {
      yield [thing as Thing, path];
    }
  }
}

/** Those that have all of these fields. */
export function* withFields(graph: Graph, ...names: readonly string[]): Iterable<[Thing, string]> {
  for (const [thing, path] of graph.found) {
    if (names.every((name) => name in thing)) {
      yield [thing as Thing, path];
    }
  }
}
