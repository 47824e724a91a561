/** The file with pre-defined topic ids (§6.7), in our own form or in one of existing installations, recognised by content. */

import type { NameRule } from '../core/topics/topic-name.ts';
import { PredefinedTopicsBuilder } from './predefined-topics-builder.ts';
import { readCommaLines } from './predefined-topics-comma.ts';
import { readSemicolonLines } from './predefined-topics-semicolon.ts';
import { readTopicsYaml } from './predefined-topics-yaml.ts';
import type { Problem } from './problem.ts';

/** Characters of a YAML text; what is read there takes much more time and memory than lines do. */
const MAX_YAML = 1_048_576;

/** Client id, or `*` for every client, to topic id to topic name. */
export type PredefinedTopics = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** What a file says, and everything that is wrong with it. Entries with problems are left out. */
export interface PredefinedTopicsResult {
  readonly topics: PredefinedTopics;
  readonly problems: readonly Problem[];
  /** How many there are in all: after 20 they are only counted. */
  readonly problemCount: number;
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
      if (text.length > MAX_YAML) {
        builder.report(
          { line: 1, column: 1 },
          'YAML longer than 1 MiB is not read; so many topics may be written in lines clientID;topicName;topicID',
        );
      } else {
        readTopicsYaml(text, builder);
      }
      break;
  }
  return { topics: builder.topics, problems: builder.problems.kept, problemCount: builder.problems.count };
}

/** Told by the first line with content: YAML has a key first, the others a comma or a semicolon. */
function formatOf(text: string): 'yaml' | 'comma' | 'semicolon' {
  const first = /^[^\S\n]*[^\s#].*$/m.exec(text)?.[0].trim();
  if (first === undefined || /^(---|[%{"'])/.test(first) || /^[^,;]*:(\s|$)/.test(first)) {
    return 'yaml';
  }
  const separator = /[,;]/.exec(first)?.[0];
  if (separator === undefined) {
    return 'yaml';
  }
  return separator === ',' ? 'comma' : 'semicolon';
}
