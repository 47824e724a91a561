/** How the fields of a stored record become JSON and come back, checked in both directions. */

/** One kind of value. Both ways throw a `TypeError` for anything else; `write` gives undefined for a field that is left out. */
export interface Field<T> {
  write(value: T): unknown;
  read(json: unknown): T;
}

/** A field for each property of T. */
export type Shape<T> = { readonly [Name in keyof T]-?: Field<T[Name]> };

function same<T>(what: string, is: (value: unknown) => value is T): Field<T> {
  const check = (value: unknown): T => {
    if (!is(value)) {
      throw new TypeError(`${what} expected`);
    }
    return value;
  };
  return { write: check, read: check };
}

/** Any text, also one that is not valid Unicode. */
export const text: Field<string> = same('text', (value) => typeof value === 'string');

export const flag: Field<boolean> = same('true or false', (value) => typeof value === 'boolean');

/** A finite number. */
export const number: Field<number> = same('a number', (value): value is number => Number.isFinite(value));

/** Octets, as base64. What is read back has a buffer of its own. */
export const octets: Field<Uint8Array> = {
  write(value) {
    if (!(value instanceof Uint8Array)) {
      throw new TypeError('octets expected');
    }
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  },
  read: (json) => new Uint8Array(Buffer.from(text.read(json), 'base64')),
};

/** One of a few values; written as a table, so that the compiler misses none. */
export function choice<T extends string | number>(values: Readonly<Record<T, T>>): Field<T> {
  const all = new Set<unknown>(Object.values(values));
  return same(`one of ${[...all].join(', ')}`, (value): value is T => all.has(value));
}

/** A field that is left out where it is undefined. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    write: (value) => (value === undefined ? undefined : field.write(value)),
    read: (json) => (json === undefined ? undefined : field.read(json)),
  };
}

export function list<T>(field: Field<T>): Field<readonly T[]> {
  return {
    write: (values) => values.map((value) => field.write(value)),
    read(json) {
      if (!Array.isArray(json)) {
        throw new TypeError('a list expected');
      }
      return json.map((value) => field.read(value));
    },
  };
}

/** An object with these properties; others are passed over. The `TypeError` names the property. What is read may be `json` itself, which nobody else has. */
export function object<T extends object>(shape: Shape<T>): Field<T> {
  const names = Object.keys(shape) as (keyof T & string)[];
  return {
    write: (value) => eachOf(names, (name) => shape[name].write(value[name])),
    read(json) {
      if (typeof json !== 'object' || json === null) {
        throw new TypeError('an object expected');
      }
      const found = json as Record<string, unknown>;
      return (readInPlace(found, names, shape) ? found : only(found, names)) as T;
    },
  };
}

/**
 * Reads each property and puts what comes of it in its place: a start reads hundreds of thousands of objects, and a second one for each
 * costs as much as all checks. False: there are other properties as well.
 */
function readInPlace<T>(
  found: Record<string, unknown>,
  names: readonly (keyof T & string)[],
  shape: Shape<T>,
): boolean {
  let known = 0;
  let current = '';
  try {
    for (const name of names) {
      current = name;
      const value = found[name];
      const read: unknown = shape[name].read(value);
      known += value === undefined ? 0 : 1;
      if (read !== value) {
        found[name] = read;
      }
    }
  } catch (error) {
    throw named(current, error);
  }
  let all = 0;
  for (const _ in found) {
    all++;
  }
  return all === known;
}

/** What there is of these properties. */
function only(found: Readonly<Record<string, unknown>>, names: readonly string[]): object {
  return Object.fromEntries(names.filter((name) => found[name] !== undefined).map((name) => [name, found[name]]));
}

/** An object that has what `makeOf` makes for each name. One function serves all names of one. */
function eachOf<Name extends string>(names: readonly Name[], makeOf: (name: Name) => unknown): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  let current = '';
  try {
    for (const name of names) {
      current = name;
      made[name] = makeOf(name);
    }
  } catch (error) {
    throw named(current, error);
  }
  return made;
}

function named(name: string, error: unknown): TypeError {
  return new TypeError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
}
