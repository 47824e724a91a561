import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../config/problem.ts';
import { withoutPsk, withPsk } from '../config/psk-edit.ts';
import { type PskKeys, parsePskFile } from '../config/psk-file.ts';
import { pskIdentityProblem } from '../config/psk-key.ts';

/** Octets of a key that is made: as strong as AES-128, and every implementation takes them. */
const KEY_LENGTH = 16;

/** Only its owner reads a file of keys. */
const PRIVATE = 0o600;
const GROUP_READS = 0o040;

/** Where lines for the user go. */
type Print = (text: string) => void;

/** What `psk` does. */
export type PskAction = 'add' | 'list' | 'remove';

/**
 * Makes, lists or removes keys in a file, and says so. Throws an `Error` with a code, or `ConfigError`, where that is not possible; the
 * file is as it was then.
 */
export function changePskFile(file: string, action: PskAction, identity: string | undefined, print: Print): void {
  if (action === 'list') {
    list(file, print);
    return;
  }
  if (identity === undefined) {
    throw refusal(`whose key? psk ${action} <identity>`);
  }
  action === 'add' ? add(file, identity, print) : remove(file, identity, print);
}

function list(file: string, print: Print): void {
  for (const [identity, key] of read(file).keys) {
    print(`${identity}  ${key.length} octets\n`);
  }
}

function add(file: string, identity: string, print: Print): void {
  const problem = pskIdentityProblem(identity);
  if (problem !== undefined) {
    throw refusal(problem);
  }
  const { text, keys } = read(file, true);
  if (keys.has(identity)) {
    throw refusal(`${identity} has a key already in ${file}: psk remove ${identity} takes it away`);
  }
  const hex = randomBytes(KEY_LENGTH).toString('hex');
  const changed = withPsk(text, identity, hex);
  if (parsePskFile(changed, file).keys.size !== keys.size + 1) {
    throw refusal(`${file} is no list of one key on each line: add the key to it by hand`);
  }
  write(file, changed);
  print(`Identity: ${identity}
Key:      ${hex}  (${KEY_LENGTH} octets in hexadecimal)
Port:     UDP 8883, DTLS 1.2, for example TLS_PSK_WITH_AES_128_GCM_SHA256

The gateway reads ${file} with SIGHUP, or by itself with the setting watch. The key is not shown again.
`);
}

function remove(file: string, identity: string, print: Print): void {
  const { text, keys } = read(file);
  if (!keys.has(identity)) {
    throw refusal(`${file} has no key of ${identity}`);
  }
  const changed = withoutPsk(text, identity);
  if (changed === undefined) {
    throw refusal(`${file} is no list of one key on each line: take ${identity} out of it by hand`);
  }
  write(file, changed);
  print(`${identity} has no key any more. A gateway that runs ends its associations when it reads ${file} again.\n`);
}

function read(file: string, mayBeMissing = false): { readonly text: string; readonly keys: PskKeys } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (mayBeMissing && code === 'ENOENT') {
      return { text: '', keys: new Map() };
    }
    throw refusal(`cannot read ${file}: ${code === 'ENOENT' ? 'no such file' : code}`);
  }
  const { keys, problems } = parsePskFile(text, file);
  if (problems.length > 0) {
    throw new ConfigError(problems);
  }
  return { text, keys };
}

/** As a whole, so that a gateway never reads half of it; whose it is, and who may read it, stays as it was. */
function write(file: string, text: string): void {
  const beside = `${file}.${process.pid}.new`;
  try {
    writeFileSync(beside, text, { mode: PRIVATE });
    const { uid, gid, mode } = rightsFor(file);
    if (process.getuid?.() === 0) {
      chownSync(beside, uid, gid);
    }
    chmodSync(beside, mode);
    renameSync(beside, file);
  } catch (error) {
    throw refusal(`cannot write ${file}: ${(error as { readonly code?: string }).code}`);
  }
}

/** Of a new one that root makes in a folder that is for root and a group alone: the service is in that group, and has to read it. */
function rightsFor(file: string): { readonly uid: number; readonly gid: number; readonly mode: number } {
  const there = statSync(file, { throwIfNoEntry: false });
  if (there !== undefined) {
    return { uid: there.uid, gid: there.gid, mode: there.mode & 0o777 };
  }
  const { gid, mode } = statSync(dirname(file));
  const isForGroup = gid !== 0 && (mode & 0o007) === 0;
  return process.getuid?.() === 0 && isForGroup
    ? { uid: 0, gid, mode: PRIVATE | GROUP_READS }
    : { uid: 0, gid: 0, mode: PRIVATE };
}

function refusal(message: string): Error {
  return Object.assign(new Error(message), { code: 'PSK' });
}
