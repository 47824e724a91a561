/** The wills of lost clients (3.7 item 5): on the disk until the broker has them, QoS 2 once by its packet id. */

import type { Will } from '../contract/effect.ts';
import { type StoredFiredWill, sharedKey } from '../contract/stored-records.ts';
import type { Hub } from './hub.ts';
import type { Relay } from './member.ts';
import { newRelay } from './relay.ts';
import { enqueueRelay, recordOf } from './relay-traffic.ts';

/** A client is lost. */
export function fireWill(clientId: string, will: Will, hub: Hub): void {
  const number = ++hub.lastWill;
  const relay = relayOf(will, clientId, number, hub);
  hub.store([{ key: sharedKey('fired-will', number), record: recordOf(relay) }]);
  enqueueRelay(relay, hub);
}

/** A will that the broker did not have, or may not have had, when the process ended. */
export function restoreWill(record: StoredFiredWill, hub: Hub): Relay {
  const { number, clientId } = record;
  hub.lastWill = Math.max(hub.lastWill, number);
  return relayOf(record, clientId, number, hub);
}

function relayOf({ topic, message: payload, qos, retain }: Will, willOf: string, number: number, hub: Hub): Relay {
  const relay = newRelay({
    member: hub.own,
    sessionPacketId: number,
    topic,
    payload,
    qos,
    retain,
    is: 'will',
    willOf,
  });
  relay.stored = true;
  return relay;
}
