/** Of which version the database is. */
import { FORMAT_KEY, LEFT_OUT, RECORD, rangeOf } from './level-keys.ts';
import { unseal } from './record-codec.ts';
import { StoreError } from './store-error.ts';
import { hasTables } from './store-folder.ts';
import type { StoreFormat } from './store-format.ts';

/** The database, as far as its version goes. */
export interface Versioned {
  get(key: string): Promise<string | undefined>;
  keys(options: { readonly limit: number; readonly gte?: string; readonly lt?: string }): { all(): Promise<string[]> };
}

/**
 * The version of the database at `path`; undefined: it is new; `lost`: it is one of ours, and why its version is not known. Rejects with `STORE_VERSION`
 * where it is that of another program.
 */
export async function versionOf(
  database: Versioned,
  path: string,
): Promise<number | undefined | { readonly lost: string }> {
  const sealed = await database.get(FORMAT_KEY);
  if (sealed !== undefined) {
    return unsealed(sealed) ?? { lost: 'its version cannot be read' };
  }
  const isEmpty = (await database.keys({ limit: 1 }).all()).length === 0;
  if (isEmpty && !(await hasTables(path))) {
    return undefined;
  }
  const own = await Promise.all(
    [RECORD, LEFT_OUT].map((prefix) => database.keys({ ...rangeOf(prefix), limit: 1 }).all()),
  );
  // The version is never deleted: a store that had something in it has the version.
  if (isEmpty || own.flat().length > 0) {
    return { lost: 'its version is missing' };
  }
  throw new StoreError(
    'STORE_VERSION',
    `session store ${path} is a database of another program: name another folder in sessions.path`,
  );
}

/** The error for a version from which no way leads to that of this gateway. */
export function unknownVersion(path: string, version: number | undefined, format: StoreFormat): StoreError {
  return new StoreError(
    'STORE_VERSION',
    `session store ${path} is of version ${version}, this gateway knows version ${knownVersions(format)}: ` +
      'run the gateway that wrote it, or name another folder in sessions.path to start without stored sessions',
  );
}

function knownVersions({ version, migrations }: StoreFormat): string {
  return [...migrations.keys(), version].sort((a, b) => a - b).join(', ');
}

function unsealed(sealed: string): number | undefined {
  try {
    return Number(unseal(FORMAT_KEY, sealed));
  } catch {
    return undefined;
  }
}
