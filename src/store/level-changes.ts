/** Changes of the database, as it takes them. */
import type { StoredTexts } from './store-format.ts';

export const putting = (key: string, value: string) => ({ type: 'put' as const, key, value });
export const deletion = (key: string) => ({ type: 'del' as const, key });

/** What makes of the old texts the new ones, with `prefix` before their keys. */
export function differences(prefix: string, old: StoredTexts, texts: StoredTexts) {
  const gone = [...old.keys()].filter((key) => !texts.has(key)).map((key) => deletion(prefix + key));
  const changed = [...texts]
    .filter(([key, text]) => old.get(key) !== text)
    .map(([key, text]) => putting(prefix + key, text));
  return [...gone, ...changed];
}
