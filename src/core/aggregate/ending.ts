/**
 * The transparent mode, after an aggregating one (I-133): what was promised over the shared connection comes to its end there, wills, and QoS 2 publishes that
 * were half-way. Then the session at the broker is given up, by a connection with CleanSession.
 */

import {
  DOUBT_KEY,
  PACKET_IDS_KEY,
  type RestoredRecord,
  SLOTS_KEY,
  type StoreWrite,
} from '../contract/stored-records.ts';
import { isQuiet } from './drained.ts';
import type { Hub } from './hub.ts';

/** What says that the broker may have a session for the shared connection. */
const TRACES: ReadonlySet<RestoredRecord['kind']> = new Set([
  'filter',
  'relay',
  'fired-will',
  'packet-ids',
  'slots',
  'doubt',
]);

/** After a start in the transparent mode: whether the shared connection is made once more. */
export function endsWithShared(records: readonly RestoredRecord[], { link }: Hub): boolean {
  if (records.some(({ kind }) => TRACES.has(kind))) {
    link.ending = 'rest';
    return true;
  }
  link.ending = 'over';
  return false;
}

/** Whether something is left of the shared connection, here or at the broker. */
export function hasLeft({ link, beside }: Hub): boolean {
  return link.ending !== 'over' || beside.size > 0;
}

/** All that has to go to the broker is there: the connection ends, and the next one is made with CleanSession. */
export function restIsGone(hub: Hub): boolean {
  const { link } = hub;
  if (link.ending !== 'rest' || !isGone(hub)) {
    return false;
  }
  link.ending = 'session';
  hub.emit({ type: 'upstream-close', connection: link.connection, disconnect: true });
  link.phase = 'down';
  return true;
}

/** What the broker has sent is on the disk, too: PINGREQ goes out behind the last acknowledgement, and is answered. */
function isGone(hub: Hub): boolean {
  const { link, own, delayedWills, departing, bridged } = hub;
  const isSent = link.again.size === 0 && link.out.size === 0 && link.ready.size === 0;
  const isDone = own.unsent.length === 0 && delayedWills.size === 0 && departing.size + bridged.size === 0;
  const isAnswered = ![...link.uses.values()].some(({ is }) => is === 'stale' || is === 'subscribe');
  const isKept =
    isQuiet(hub) && link.drainedOn === link.connection && link.drain === undefined && link.fetch === undefined;
  return link.phase === 'up' && isSent && isDone && isAnswered && isKept;
}

/** The connection with CleanSession stands: the broker has nothing left of the session. */
export function isGivenUp(hub: Hub): boolean {
  const { link } = hub;
  if (link.ending !== 'session') {
    return false;
  }
  hub.emit({ type: 'upstream-close', connection: link.connection, disconnect: true });
  link.phase = 'down';
  link.connection = 0;
  link.stopped = true;
  link.ending = 'over';
  const writes: StoreWrite[] = [DOUBT_KEY, PACKET_IDS_KEY, SLOTS_KEY].map((key) => ({ key, record: undefined }));
  hub.store(writes);
  hub.note({ type: 'shared-session-ended' });
  return true;
}
