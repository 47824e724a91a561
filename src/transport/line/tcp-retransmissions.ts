import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** Columns of the table: addresses, octets that wait, retransmissions. */
const LOCAL = 1;
const REMOTE = 2;
const QUEUES = 4;
const RETRANSMISSIONS = 6;

/**
 * How often in a row the operating system has sent the same octets over a connection without an answer; 0: everything has arrived. Undefined where
 * that is not told (not Linux), or not known yet.
 */
export async function retransmissionsOf({ localPort, remotePort }: Socket): Promise<number | undefined> {
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await readFile(table, 'latin1').catch(() => '');
    const found = inTable(text, localPort, remotePort);
    if (found !== undefined) {
      return found.waiting === 0 ? 0 : found.retransmissions || undefined;
    }
  }
  return undefined;
}

/** Pure. `text`: as in proc(5), `/proc/net/tcp`. */
export function inTable(
  text: string,
  localPort: number | undefined,
  remotePort: number | undefined,
): { readonly waiting: number; readonly retransmissions: number } | undefined {
  const [local, remote] = [localPort, remotePort].map(
    (port) => `:${(port ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  for (const line of text.split('\n')) {
    const columns = line.trim().split(/\s+/);
    if (columns[LOCAL]?.endsWith(local ?? '') && columns[REMOTE]?.endsWith(remote ?? '')) {
      const waiting = Number.parseInt(columns[QUEUES]?.split(':')[0] ?? '', 16);
      return { waiting, retransmissions: Number.parseInt(columns[RETRANSMISSIONS] ?? '', 16) };
    }
  }
  return undefined;
}
