/**
 * Secrets that stand in files of their own, as containers and systemd have them: beside each setting that is a secret there is one with `File` behind its
 * name. What is in the file is that secret, and is checked as such.
 */
import { ANY_INDEX, type Setting, type SettingPath } from './schema-tree.ts';
import { readTextFile } from './text-file.ts';

/** Octets of a file with a secret: MQTT has no longer password. */
const MAX_SECRET = 65_536;

/** Behind the name of a setting that is a secret. */
const FILE = 'File';

/** What reading needs of whoever looks through settings. */
export interface SecretReading {
  /** What is written at a path; it may be wrong. */
  readonly valueAt: (path: SettingPath) => unknown;
  /** The absolute path of a file that is about to be read. */
  readonly find: (setting: SettingPath, written: string) => string;
  readonly complain: (setting: SettingPath, message: string) => void;
  /** Takes a secret, the setting that names its file, and how that is written there. */
  readonly put: (secret: SettingPath, value: string, setting: SettingPath, written: string) => void;
  /** Takes the absolute path of each file that was read. */
  readonly haveRead: (path: string) => void;
}

/** The path of the setting that names the file of a secret. */
export function secretFileOf<Path extends SettingPath>(path: Path): Path {
  return [...path.slice(0, -1), `${path.at(-1)}${FILE}`] as unknown as Path;
}

/** Whether a setting is a secret that may stand in a file of its own. A map of options is not: whoever gets it can read files. */
export function isSecretText({ kind }: Pick<Setting, 'kind'>): boolean {
  return kind.secret === true && kind.kind === 'text';
}

/** Reads the files of all secrets that are written, and puts what they have in their place. */
export function readSecretFiles(settings: readonly Setting[], reading: SecretReading): void {
  for (const { path } of settings.filter(isSecretText)) {
    for (const setting of placesOf(secretFileOf(path), reading.valueAt)) {
      readOne(setting, reading);
    }
  }
}

/** A path for each entry of the lists that it leads through. */
function placesOf(path: readonly string[], valueAt: SecretReading['valueAt']): readonly SettingPath[] {
  const list = path.indexOf(ANY_INDEX);
  if (list === -1) {
    return [path];
  }
  const entries = valueAt(path.slice(0, list));
  return Array.isArray(entries)
    ? entries.map((_entry, index) => [...path.slice(0, list), index, ...path.slice(list + 1)])
    : [];
}

function readOne(setting: SettingPath, { valueAt, find, complain, put, haveRead }: SecretReading): void {
  const written = valueAt(setting);
  if (typeof written !== 'string' || written === '') {
    return; // absent, or told by the schema
  }
  const name = String(setting.at(-1)).slice(0, -FILE.length);
  const secret = [...setting.slice(0, -1), name];
  if (valueAt(secret) !== undefined) {
    complain(setting, `${name} is given as well: only one of the two may be`);
    return;
  }
  const path = find(setting, written);
  const read = readTextFile(path, MAX_SECRET);
  if ('reason' in read) {
    complain(setting, `cannot read ${written}: ${read.reason}`);
    return;
  }
  const value = read.text.replace(/\r?\n$/, '');
  if (value === '') {
    complain(setting, `${written} is empty: expected ${name} in it`);
    return;
  }
  haveRead(path);
  put(secret, value, setting, written);
}
