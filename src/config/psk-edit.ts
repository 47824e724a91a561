/** Changes to the text of a file of keys, that leave everything else as people have written it. */
import { isMap, isNode } from 'yaml';
import { parsePskFile } from './psk-file.ts';
import { keyText, YamlSource } from './yaml-source.ts';

/** The text with one more key, in hexadecimal digits. */
export function withPsk(text: string, identity: string, hex: string): string {
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${before}${JSON.stringify(identity)}: "${hex}"\n`;
}

/** The text without the key of an identity; undefined: its line cannot be told from what stands around it. */
export function withoutPsk(text: string, identity: string): string | undefined {
  const { document } = new YamlSource(text, '');
  const entry = isMap(document.contents)
    ? document.contents.items.find((item) => keyText(item) === identity)
    : undefined;
  const key = isNode(entry?.key) ? entry.key.range : undefined;
  const value = isNode(entry?.value) ? entry.value.range : undefined;
  if (!key || !value) {
    return undefined;
  }
  const from = text.lastIndexOf('\n', key[0]) + 1;
  const lineEnd = text.indexOf('\n', value[1]);
  const shorter = text.slice(0, from) + (lineEnd < 0 ? '' : text.slice(lineEnd + 1));
  return isSameBut(text, shorter, identity) ? shorter : undefined;
}

/** Whether a text has the keys that another one has, but for that of one identity. */
function isSameBut(text: string, shorter: string, identity: string): boolean {
  const [all, rest] = [parsePskFile(text, ''), parsePskFile(shorter, '')];
  const wanted = [...all.keys].filter(([each]) => each !== identity);
  return (
    rest.problems.length === 0 &&
    JSON.stringify([...rest.keys].map(([each, key]) => [each, [...key]])) ===
      JSON.stringify(wanted.map(([each, key]) => [each, [...key]]))
  );
}
