/** Files of pre-shared keys: a map of identities to keys, in YAML. */
import { isMap, isScalar } from 'yaml';
import type { Problem } from './problem.ts';
import { pskIdentityProblem, readPskKey } from './psk-key.ts';
import { keyText, kindOfNode, scalarText, YamlSource } from './yaml-source.ts';

/** Pre-shared keys by identity. */
export type PskKeys = ReadonlyMap<string, Uint8Array>;

/** What a file of keys says, and what is wrong with it. Messages never show a key. `name` stands for the file in them. */
export function parsePskFile(
  text: string,
  name: string,
): { readonly keys: PskKeys; readonly problems: readonly Problem[] } {
  const yaml = new YamlSource(text, name);
  const keys = new Map<string, Uint8Array>();
  const problems = [...yaml.problems];
  const { contents } = yaml.document;
  const isEmpty = kindOfNode(contents) === 'nothing';
  if (yaml.isBroken || isEmpty) {
    return { keys, problems };
  }
  if (!isMap(contents)) {
    const message =
      'expected a map of identities to keys, one on each line: sensor-1: 00112233445566778899aabbccddeeff';
    return { keys, problems: [...problems, { source: name, ...yaml.placeOf(contents), message }] };
  }
  for (const entry of contents.items) {
    const identity = keyText(entry);
    const value = yaml.resolve(entry.value);
    // As it is written: YAML takes digits alone for a number.
    const read = isScalar(value) ? readPskKey(scalarText(value)) : { problem: 'expected a key' };
    const problem = pskIdentityProblem(identity) ?? ('problem' in read ? read.problem : undefined);
    if (problem !== undefined) {
      const message =
        'key' in readPskKey(identity)
          ? 'expected an identity before the colon, and its key behind it'
          : `${problem}, for the identity ${JSON.stringify(identity)}`;
      problems.push({ source: name, ...yaml.placeOf(entry.key), message });
    } else if ('key' in read) {
      keys.set(identity, read.key);
    }
  }
  return { keys, problems };
}
