/** What a client has half-way on its own connection when the gateway starts in another mode (I-158). */

import type { RestoredRecord } from '../contract/stored-records.ts';

/**
 * Clients with a persistent session that had a connection of their own when the gateway ran last, and a QoS 2 publish half-way on it: the broker has that in the
 * session of the client, and PUBREL, or a repetition, means something there alone.
 */
export function halfWayOnOwn(records: readonly RestoredRecord[]): ReadonlySet<string> {
  const own = new Set<string>();
  for (const record of records) {
    if (record.kind === 'session' && record.shared !== true && !record.cleanSession) {
      own.add(record.clientId);
    }
  }
  const halfWay = new Set<string>();
  for (const record of records) {
    if (record.kind === 'exchange' && record.packetId !== 0 && own.has(record.clientId)) {
      halfWay.add(record.clientId);
    }
  }
  return halfWay;
}
