/** The file of --psk-file: a pre-shared key alone, or the keys of many by identity, as the gateway's own. */
import { readPskKey } from '../config/psk-key.ts';
import { readInputFile } from './input-file.ts';
import { OptionProblem } from './option-table.ts';

/** The key of an identity. Throws `OptionProblem`. */
export function pskKeyIn(file: string, identity: string): Uint8Array {
  const text = readInputFile('--psk-file', file).toString('utf8');
  const keys = text.split('\n').flatMap(lineOfKeys);
  const named = keys.find((each) => each.identity === identity);
  if (named === undefined && keys.length > 0) {
    throw new OptionProblem(`--psk-file: no key of ${identity} is in ${file}`);
  }
  const read = readPskKey(named?.key ?? text.trim());
  if ('problem' in read) {
    throw new OptionProblem(`--psk-file: ${file}: ${read.problem}`);
  }
  return read.key;
}

/** A line of a file of keys, as `psk add` and people write it; the rest of YAML is for the gateway alone, for it takes long to load. */
function lineOfKeys(line: string): { readonly identity: string; readonly key: string }[] {
  const [, quoted, plain = '', key = ''] =
    /^(?:("(?:[^"\\]|\\.)*")|([^\s"'#:][^:#]*?))\s*:\s+["']?([0-9a-z+/=]+)["']?\s*(?:#.*)?$/i.exec(line) ?? [];
  try {
    return key === '' ? [] : [{ identity: quoted === undefined ? plain : String(JSON.parse(quoted)), key }];
  } catch {
    return []; // not quoted as JSON is
  }
}
