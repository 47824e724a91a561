/**
 * The broker has a session for the shared connection of which nothing is known here: the store is another one than before, or keeps nothing over a restart (I-154).
 * What was subscribed in it would come for ever, for nobody: it is ended, by a connection with CleanSession.
 */

import type { UpstreamConnected } from '../contract/input.ts';
import type { RestoredRecord } from '../contract/stored-records.ts';
import type { Hub } from './hub.ts';

/** What is stored of what the broker has in its session. */
const TRACES: ReadonlySet<RestoredRecord['kind']> = new Set(['filter', 'relay', 'fired-will', 'packet-ids', 'message']);

/** After a start: whether the store is that of the session which the broker may have. */
export function knowsSession(records: readonly RestoredRecord[]): boolean {
  return records.some((record) => TRACES.has(record.kind) || (record.kind === 'session' && record.shared === true));
}

/** CONNACK(accepted). True where this connection is not the one to stay: the next one ends the session, or begins a new one. */
export function endsUnknown({ sessionPresent }: UpstreamConnected, hub: Hub): boolean {
  const { link } = hub;
  const isUnknown = link.unknown === 'perhaps' && sessionPresent;
  if (!isUnknown && link.unknown !== 'ending') {
    link.unknown = undefined;
    return false;
  }
  link.unknown = isUnknown ? 'ending' : undefined;
  if (isUnknown) {
    hub.note({ type: 'shared-session-unknown' });
  }
  hub.emit({ type: 'upstream-close', connection: link.connection, disconnect: true });
  link.phase = 'down';
  link.connection = 0;
  link.asked = 0;
  link.protocolKnown = true;
  return true;
}
