/** What a publish is at the broker, as it is in the store: QoS 2 of sessions that outlive the process, and wills. */

import {
  type StoredFiredWill,
  type StoredRecord,
  type StoredRelay,
  sharedKey,
  storeKey,
} from '../contract/stored-records.ts';
import { type Hub, NOBODY } from './hub.ts';
import type { Relay } from './member.ts';

/** Its client may give the packet id of the session to another publish: so it has a record of its own, which after a start is of no session. */
export function storeAsNobodys(relay: Relay, hub: Hub): void {
  if (relay.stored) {
    const former = keyOf(relay);
    relay.leftAs = ++hub.lastLeft;
    hub.store([
      { key: former, record: undefined },
      { key: keyOf(relay), record: recordOf(relay) },
    ]);
  }
}

export function keyOf(relay: Relay): string {
  if (relay.is === 'will') {
    return sharedKey('fired-will', relay.sessionPacketId);
  }
  const { clientId, sessionPacketId } = nameOf(relay);
  return storeKey('relay', clientId, sessionPacketId);
}

/** By which its record is known. */
function nameOf({
  member: { clientId },
  sessionPacketId,
  leftAs,
}: Relay): Pick<StoredRelay, 'clientId' | 'sessionPacketId'> {
  return leftAs === 0 ? { clientId, sessionPacketId } : { clientId: NOBODY, sessionPacketId: leftAs };
}

export function recordOf(relay: Relay): StoredRecord {
  const { is, packetId, received } = relay;
  return is === 'will' ? firedWillOf(relay) : { kind: 'relay', ...nameOf(relay), packetId, received };
}

/** A will as it is in the store. */
export function firedWillOf(relay: Relay): StoredFiredWill {
  const { sessionPacketId: number, packetId, received, topic, payload: message, qos, retain } = relay;
  const { clientId = NOBODY, host = '' } = relay.willOf ?? {};
  const at = host === '' ? {} : { host };
  return { kind: 'fired-will', clientId, ...at, number, topic, message, qos, retain, packetId, received };
}
