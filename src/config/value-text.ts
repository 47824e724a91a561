import { formatDuration } from '../core/contract/units.ts';
import { maskUrl } from './broker-url.ts';
import type { Setting } from './setting-list.ts';

/** The value of a setting for people, as it would be written; secrets masked. `setting` undefined: nothing is known of it. */
export function valueText(setting: Pick<Setting, 'kind'> | undefined, value: unknown): string {
  if (value === undefined || value === '') {
    return 'not set';
  }
  if (setting?.kind.secret === true) {
    return '***';
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? 'none' : value.join(', ');
  }
  if (setting?.kind.kind === 'duration' && typeof value === 'number') {
    return formatDuration(value);
  }
  return setting?.kind.url === true ? maskUrl(String(value)) : String(value);
}
