/** Reading what an operator wrote, with reasons in words. */
import { closeSync, openSync, readSync } from 'node:fs';

const KIB = 1_024;
const MIB = 1_024 * KIB;
const CHUNK = 64 * KIB;

/** A certificate or a key is far smaller. */
const MAX_OCTETS = MIB;

const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};

/**
 * The text of a UTF-8 file without its byte order mark, or why it cannot be read. Longer ones than `maxOctets` are not read, whatever they
 * are: a file, a pipe, a device.
 */
export function readTextFile(path: string, maxOctets: number): { readonly text: string } | { readonly reason: string } {
  try {
    const octets = readAtMost(path, maxOctets);
    return octets === undefined
      ? { reason: `it is longer than ${sizeText(maxOctets)}` }
      : { text: new TextDecoder('utf-8', { fatal: true }).decode(octets) };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** The octets of a file, a pipe or a device; undefined where there are more than `maxOctets`. Throws as `node:fs` does. */
export function readAtMost(path: string, maxOctets: number): Buffer | undefined {
  const file = openSync(path, 'r');
  try {
    const parts: Buffer[] = [];
    let length = 0;
    for (;;) {
      const part = Buffer.allocUnsafe(CHUNK);
      const read = readSync(file, part);
      if (read === 0) {
        return Buffer.concat(parts);
      }
      length += read;
      if (length > maxOctets) {
        return undefined;
      }
      parts.push(part.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}

function sizeText(octets: number): string {
  return octets >= MIB ? `${octets / MIB} MiB` : `${octets / KIB} KiB`;
}

/** The content of any file, or why it cannot be read. */
export function readOctets(path: string): { readonly octets: Uint8Array } | { readonly reason: string } {
  try {
    const octets = readAtMost(path, MAX_OCTETS);
    return octets === undefined ? { reason: `it has more than ${sizeText(MAX_OCTETS)}` } : { octets };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** Why a file cannot be read, in words. */
export function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
  return REASONS[code] ?? code;
}
