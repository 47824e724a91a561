import type { ParsedSettings } from './schema.ts';
import { ANY_INDEX, SETTINGS, type SettingPath } from './setting-list.ts';

/** The settings with every path of a file or folder as `absolute` makes it of its setting and of how it is written. */
export function withAbsolutePaths(
  parsed: ParsedSettings,
  absolute: (path: SettingPath, written: string) => string,
): ParsedSettings {
  const settings = structuredClone(parsed);
  for (const { path, kind } of SETTINGS) {
    if (kind.kind !== 'file') {
      continue;
    }
    const last = path.at(-1) ?? '';
    for (const [section, at] of sectionsAt(settings, path.slice(0, -1))) {
      const written = section[last];
      if (typeof written === 'string' && written !== kind.keyword) {
        section[last] = absolute([...at, last], written);
      }
    }
  }
  return settings;
}

/** The sections at a path, each with its own path: several where the path goes through a list. */
function sectionsAt(
  settings: unknown,
  path: readonly string[],
): readonly (readonly [section: Record<string, unknown>, path: SettingPath])[] {
  let found: readonly (readonly [unknown, SettingPath])[] = [[settings, []]];
  for (const key of path) {
    found = found.flatMap(([value, at]): (readonly [unknown, SettingPath])[] => {
      if (key !== ANY_INDEX) {
        return [[(value as Record<string, unknown> | undefined)?.[key], [...at, key]]];
      }
      return Array.isArray(value) ? value.map((each, index) => [each, [...at, index]]) : [];
    });
  }
  return found.flatMap(([value, at]) => (isSection(value) ? [[value, at] as const] : []));
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
