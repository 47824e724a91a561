import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Problem } from './problem.ts';
import { type PskKeys, parsePskFile } from './psk-file.ts';
import { PSK_FILE } from './sections/dtls-section.ts';
import type { SettingPath } from './setting-list.ts';
import { readTextFile } from './text-file.ts';

/** Octets of a file of keys: a hundred thousand identities. */
const MAX_KEYS = 16_777_216;

/** Files of keys that were read. */
export interface PskFiles {
  /** By absolute path. */
  readonly keys: ReadonlyMap<string, PskKeys>;
  /** Digests, by absolute path. */
  readonly digests: ReadonlyMap<string, string>;
  /** Absolute paths of files that everybody on the machine can read. */
  readonly exposed: readonly string[];
  readonly problems: readonly Problem[];
}

/** The settings that name files of keys, from the written list of transports: it may be half wrong. */
export function pskPathsOf(transports: unknown): readonly { readonly path: SettingPath; readonly written: string }[] {
  return (Array.isArray(transports) ? transports : []).flatMap((transport: unknown, index) => {
    const { type, keys = PSK_FILE } = (transport ?? {}) as { readonly type?: unknown; readonly keys?: unknown };
    return type === 'dtls' && typeof keys === 'string' && keys !== ''
      ? [{ path: ['transports', index, 'keys'], written: keys }]
      : [];
  });
}

/** Reads files of pre-shared keys: absolute path to name in messages. `unreadable`: what is said of one that cannot be read, and by whom. */
export function readPskFiles(
  paths: ReadonlyMap<string, string>,
  unreadable: (path: string, reason: string) => void,
): PskFiles {
  const keys = new Map<string, PskKeys>();
  const digests = new Map<string, string>();
  const exposed: string[] = [];
  const problems: Problem[] = [];
  for (const [path, name] of paths) {
    const read = readTextFile(path, MAX_KEYS);
    if ('reason' in read) {
      unreadable(path, read.reason);
      continue;
    }
    const parsed = parsePskFile(read.text, name);
    keys.set(path, parsed.keys);
    problems.push(...parsed.problems);
    digests.set(path, createHash('sha256').update(read.text).digest('hex'));
    if (isExposed(path)) {
      exposed.push(path);
    }
  }
  return { keys, digests, exposed, problems };
}

/** Whether others than the owner and the group of a file can read it; where the system has such rights. */
function isExposed(path: string): boolean {
  try {
    return process.platform !== 'win32' && (statSync(path).mode & 0o004) !== 0;
  } catch {
    return false; // it has gone meanwhile
  }
}
