import { createHash } from 'node:crypto';
import type { Problem } from './problem.ts';
import { type PskKeys, parsePskFile } from './psk-file.ts';
import { PSK_FILE } from './sections/dtls-section.ts';
import { pathText, type SettingPath } from './setting-list.ts';
import { readTextFile } from './text-file.ts';

/** Octets of a file of keys: a hundred thousand identities. */
const MAX_KEYS = 16_777_216;

/** Files of keys that were read. */
export interface PskFiles {
  /** By absolute path. */
  readonly keys: ReadonlyMap<string, PskKeys>;
  readonly problems: readonly Problem[];
}

/** What reading needs of whoever loads settings. */
export interface PskReading {
  /** The absolute path of a file that is about to be read. */
  readonly find: (setting: SettingPath, written: string) => string;
  readonly complain: (setting: SettingPath, message: string) => void;
  /** Takes the digest of each file, by the setting that names it. */
  readonly contents: Map<string, string>;
}

/** Reads the files of pre-shared keys that a written list of transports names; it may be half wrong. */
export function readPskFiles(transports: unknown, { find, complain, contents }: PskReading): PskFiles {
  const keys = new Map<string, PskKeys>();
  const problems: Problem[] = [];
  for (const { setting, written } of namedIn(transports)) {
    const path = find(setting, written);
    const read = readTextFile(path, MAX_KEYS);
    if ('reason' in read) {
      complain(setting, `cannot read ${written}: ${read.reason}`);
      continue;
    }
    contents.set(pathText(setting), createHash('sha256').update(read.text).digest('hex'));
    if (!keys.has(path)) {
      const parsed = parsePskFile(read.text, written);
      keys.set(path, parsed.keys);
      problems.push(...parsed.problems);
    }
  }
  return { keys, problems };
}

function namedIn(transports: unknown): readonly { readonly setting: SettingPath; readonly written: string }[] {
  return (Array.isArray(transports) ? transports : []).flatMap((transport: unknown, index) => {
    const { type, keys = PSK_FILE } = (transport ?? {}) as { readonly type?: unknown; readonly keys?: unknown };
    return type === 'dtls' && typeof keys === 'string' && keys !== ''
      ? [{ setting: ['transports', index, 'keys'], written: keys }]
      : [];
  });
}
