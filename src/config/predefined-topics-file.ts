/** The file with pre-defined topic ids (§6.7), in our own form or in one of existing installations, recognised by content. */

import type { NameRule } from '../core/topics/topic-name.ts';
import { PredefinedTopicsBuilder } from './predefined-topics-builder.ts';
import { readCommaLines } from './predefined-topics-comma.ts';
import { readSemicolonLines } from './predefined-topics-semicolon.ts';
import { readTopicsYaml } from './predefined-topics-yaml.ts';
import type { Problem } from './problem.ts';

/** Client id, or `*` for every client, to topic id to topic name. */
export type PredefinedTopics = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** What a file says, and everything that is wrong with it. Entries with problems are left out. */
export interface PredefinedTopicsResult {
  readonly topics: PredefinedTopics;
  readonly problems: readonly Problem[];
}

/**
 * Reads the text of a file; `name` stands for it in problems, `names`: which characters topic names may have (setting `clients.names`).
 * Never throws. A text without entries is fine.
 */
export function parsePredefinedTopics(text: string, name: string, names: NameRule = 'strict'): PredefinedTopicsResult {
  const builder = new PredefinedTopicsBuilder(name, names);
  switch (formatOf(text)) {
    case 'comma':
      readCommaLines(text, builder);
      break;
    case 'semicolon':
      readSemicolonLines(text, builder);
      break;
    case 'yaml':
      readTopicsYaml(text, builder);
      break;
  }
  return builder;
}

/** Told by the first line with content: YAML has a key first, the others a comma or a semicolon. */
function formatOf(text: string): 'yaml' | 'comma' | 'semicolon' {
  const first = text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '' && !line.startsWith('#'));
  if (first === undefined || /^(---|[%{"'])/.test(first) || /^[^,;]*:(\s|$)/.test(first)) {
    return 'yaml';
  }
  const separator = /[,;]/.exec(first)?.[0];
  if (separator === undefined) {
    return 'yaml';
  }
  return separator === ',' ? 'comma' : 'semicolon';
}
