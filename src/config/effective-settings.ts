/** The settings in effect, for people: each with its value and its origin, secrets masked. */
import { credentialsText } from './credentials-text.ts';
import { hints } from './hints.ts';
import type { LoadedSettings } from './load.ts';
import type { PredefinedTopics } from './predefined-topics-file.ts';
import { pathText, settingAt } from './setting-list.ts';
import { settingPathsOf } from './setting-paths.ts';
import { valueAt } from './value-at.ts';
import { valueText } from './value-text.ts';
import { withoutEffect } from './without-effect.ts';

/** Clients of whom it is said how many topic ids they have. */
const MOST_CLIENTS = 20;

/** One line for each setting: path, value, origin; then what the file of pre-defined topics has, and last, where it is seen, what has no effect, or may be meant otherwise. Ends with a newline. */
export function describeLoaded(loaded: LoadedSettings): string {
  const { settings, origins, file, predefinedTopics, credentials } = loaded;
  const rows = settingPathsOf(settings).map((path) => {
    const name = pathText(path);
    const type = valueAt(settings, [...path.slice(0, 2), 'type']);
    const setting = settingAt(path, typeof type === 'string' ? type : undefined);
    return [name, valueText(setting, valueAt(settings, path)), origins.get(name) ?? 'default'] as const;
  });
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const valueWidth = Math.max(...rows.map(([, value]) => value.length));
  const lines = rows.map(
    ([name, value, origin]) => `${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${origin}`,
  );
  const lastLines = [...withoutEffect(loaded), ...hints(loaded)];
  return [
    `${file ?? 'settings without a file'}: no problems`,
    '',
    ...lines,
    ...topicLines(predefinedTopics, settings.predefinedTopics),
    ...credentialLines(credentials),
    ...(lastLines.length === 0 ? [] : ['', ...lastLines]),
    '',
  ].join('\n');
}

/** Rules by their names, without anything of what they have. */
function credentialLines(credentials: LoadedSettings['credentials']): string[] {
  if (credentials === undefined) {
    return [];
  }
  const names = credentials.rules.slice(0, MOST_CLIENTS).map(({ name }) => name);
  const more = credentials.rules.length - names.length;
  const listed = [...names, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
  return ['', `credentials: ${credentialsText(credentials)}${listed === '' ? '' : ` (${listed})`}`];
}

function topicLines(topics: PredefinedTopics, file: string | undefined): string[] {
  if (file === undefined) {
    return [];
  }
  let count = 0;
  const lines: string[] = [];
  for (const [clientId, ids] of topics) {
    count += ids.size;
    if (lines.length < MOST_CLIENTS) {
      lines.push(`  ${clientId === '*' ? 'every client' : clientId}: ${ids.size}`);
    }
  }
  const more = topics.size - lines.length;
  return [
    '',
    `pre-defined topic ids: ${count} read from ${file}`,
    ...lines,
    ...(more > 0 ? [`  and those of ${more} more clients`] : []),
  ];
}
