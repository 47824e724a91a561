/** Reading what an operator wrote, with reasons in words. */
import { readFileSync } from 'node:fs';

const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};

/** The text of a UTF-8 file without its byte order mark, or why it cannot be read. */
export function readTextFile(path: string): { readonly text: string } | { readonly reason: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)) };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** The content of any file, or why it cannot be read. */
export function readOctets(path: string): { readonly octets: Uint8Array } | { readonly reason: string } {
  try {
    return { octets: readFileSync(path) };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
  return REASONS[code] ?? code;
}
