import { formatDuration } from '../core/contract/units.ts';
import { maskUrl } from './broker-url.ts';
import type { Settings } from './schema.ts';
import { type Setting, type SettingPath, settingAt } from './setting-list.ts';

/** In place of what is not shown. */
const MASK = '***';

/** Halves of credentials: no secrets, but nobody's business where everybody can read. */
const NAMES_OF_USERS = new Set(['upstream.username', 'http.users.*.name']);

/**
 * All settings as plain JSON for everybody to read, in the form in which they are written: durations with their unit, secrets and names of users masked,
 * what is not set left out.
 */
export function shownSettings(settings: Settings): Record<string, unknown> {
  return shownMap(settings, [], undefined);
}

/** `variant`: the type of the entry of a list that it is in. */
function shownMap(map: object, path: SettingPath, variant: string | undefined): Record<string, unknown> {
  const entries = Object.entries(map).map(([key, value]) => [key, shown(value, [...path, key], variant)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function shown(value: unknown, path: SettingPath, variant: string | undefined): unknown {
  const setting = settingAt(path, variant);
  if (setting !== undefined) {
    return value === undefined ? undefined : shownValue(value, setting);
  }
  if (Array.isArray(value)) {
    return value.map((entry: unknown, index) =>
      isMap(entry) ? shownMap(entry, [...path, index], typeOf(entry)) : undefined,
    );
  }
  // What is no setting is not shown: nobody has said that it is no secret.
  return isMap(value) ? shownMap(value, path, variant) : undefined;
}

function shownValue(value: unknown, { kind, path }: Setting): unknown {
  if (kind.secret === true || NAMES_OF_USERS.has(path.join('.'))) {
    return MASK;
  }
  if (kind.kind === 'duration' && typeof value === 'number') {
    return formatDuration(value);
  }
  return kind.url === true ? maskUrl(String(value)) : value;
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeOf(entry: object): string | undefined {
  return 'type' in entry && typeof entry.type === 'string' ? entry.type : undefined;
}
