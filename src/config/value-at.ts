import type { SettingPath } from './schema-tree.ts';

/** What settings, or whatever is written, have at a path; undefined: nothing. */
export function valueAt(settings: unknown, path: SettingPath): unknown {
  let value: unknown = settings;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) {
      return undefined;
    }
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}
