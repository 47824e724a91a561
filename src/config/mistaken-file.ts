/** The two files of the gateway, one given in place of the other: told in one line, for everything else that is wrong follows from it. */
import { isMap, isScalar } from 'yaml';
import { parsePredefinedTopics } from './predefined-topics-file.ts';
import { keysAt } from './setting-list.ts';
import { keyText, YamlSource } from './yaml-source.ts';

/** What is said where a file with settings is expected. */
export const TOPICS_IN_PLACE_OF_SETTINGS =
  'looks like a file of pre-defined topics, not of settings: give it with --predefined-topics (-T), or name it in the setting predefinedTopics';

/** What is said where a file with pre-defined topics is expected. */
export const SETTINGS_IN_PLACE_OF_TOPICS =
  'looks like a file of settings, not of pre-defined topics: give it with --config (-c); in a topics file client ids, or "*", have topic ids under them';

/** Whether a text in which settings were looked for is one of pre-defined topics, in whatever form. */
export function looksLikeTopics(text: string): boolean {
  if (keysAt([]).some((section) => new RegExp(`^${section}:`, 'm').test(text))) {
    return false;
  }
  if (/^["']?\*["']?[^\S\n]*[:,;]/m.test(text)) {
    return true;
  }
  const { topics, problemCount } = parsePredefinedTopics(text, '');
  return topics.size > 0 && problemCount === 0;
}

/** Whether a text in which pre-defined topics were looked for, and which has problems as such, is one of settings. */
export function looksLikeSettings(text: string): boolean {
  const { contents } = new YamlSource(text, '', { uniqueKeys: false }).document;
  if (!isMap(contents)) {
    return false;
  }
  const sections = contents.items.filter((item) => keysAt([]).includes(keyText(item)));
  const hasTopicId = sections.some(
    ({ value }) => isMap(value) && value.items.some(({ key }) => isScalar(key) && /^\d+$/.test(String(key.value))),
  );
  return !hasTopicId && sections.length * 2 > contents.items.length;
}
