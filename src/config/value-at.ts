import type { Settings } from './schema.ts';
import type { SettingPath } from './setting-list.ts';

/** What settings have at a path; undefined: nothing. */
export function valueAt(settings: Settings, path: SettingPath): unknown {
  let value: unknown = settings;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) {
      return undefined;
    }
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}
