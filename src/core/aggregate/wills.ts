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

/** What the gateway says of itself at the broker: a retained message, and the opposite as the will of its connection. */
export function statusMessage(state: 'online' | 'offline', { settings }: Hub): Will | undefined {
  const { topicPrefix } = settings.status;
  if (topicPrefix === '') {
    return undefined;
  }
  return { topic: `${topicPrefix}/state`, message: STATES[state], qos: 1, retain: true };
}

const STATES = { online: octetsOf('online'), offline: octetsOf('offline') };

function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Says it. */
export function tellStatus(hub: Hub): void {
  const status = statusMessage('online', hub);
  if (status) {
    const { topic, message: payload, retain } = status;
    const isWaiting = hub.own.unsent.some(({ is }) => is === 'status');
    if (!isWaiting) {
      enqueueRelay(
        newRelay({ member: hub.own, sessionPacketId: 0, topic, payload, qos: 1, retain, is: 'status' }),
        hub,
      );
    }
  }
}
