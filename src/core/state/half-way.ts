/** What a client has half-way on its own connection when the gateway starts in another mode (I-158). */

import type { RestoredRecord } from '../contract/stored-records.ts';

/**
 * Clients with a persistent session that had a connection of their own when the gateway ran last, and a QoS 2 publish on it of which PUBREL has gone out: the broker
 * may not have had that, and PUBREL means something in the session of the client alone. What has not come so far is published anew on the shared connection.
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
    if (record.kind === 'exchange' && record.packetId !== 0 && record.released && own.has(record.clientId)) {
      halfWay.add(record.clientId);
    }
  }
  return halfWay;
}
