/**
 * What the gateway says of itself at the broker: a retained message, and the opposite as the will of the shared connection. A broker may refuse that will,
 * and the connection with it: the clients come before it then (I-110).
 */

import type { Will } from '../contract/effect.ts';
import type { UpstreamLost, UpstreamRefused } from '../contract/input.ts';
import type { Hub } from './hub.ts';
import type { Relay } from './member.ts';
import { newRelay } from './relay.ts';
import { enqueueRelay } from './relay-traffic.ts';

/** So many attempts are closed without CONNACK beside an own connection that stands before the next ones are made without the will. */
const TRIES = 2;

/** CONNACK that may mean the will: not authorized, topic, size, format, Retain or QoS; of MQTT 3.1.1, not authorized. */
const MAY_MEAN_THE_WILL = {
  4: new Set([0x05]),
  5: new Set([0x87, 0x90, 0x95, 0x99, 0x9a, 0x9b]),
};

/** Undefined: it says nothing. */
export function statusMessage(state: 'online' | 'offline', { settings, link }: Hub): Will | undefined {
  const { topicPrefix } = settings.status;
  if (topicPrefix === '' || link.isStatusRefused) {
    return undefined;
  }
  return { topic: `${topicPrefix}/state`, message: STATES[state], qos: 1, retain: true };
}

const STATES = { online: octetsOf('online'), offline: octetsOf('offline') };

function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Says that it is there. */
export function tellStatus(hub: Hub): void {
  if (hub.link.isStatusRefused) {
    hub.note({ type: 'status-refused', topic: `${hub.settings.status.topicPrefix}/state` });
  }
  const status = statusMessage('online', hub);
  if (status) {
    const { topic, message: payload, retain } = status;
    const isStatus = ({ is }: Relay): boolean => is === 'status';
    const isWaiting = hub.own.unsent.some(isStatus) || [...hub.link.again].some(isStatus); // else each break would leave one more
    if (!isWaiting) {
      enqueueRelay(
        newRelay({ member: hub.own, sessionPacketId: 0, topic, payload, qos: 1, retain, is: 'status' }),
        hub,
      );
    }
  }
}

/**
 * An attempt came to nothing: whether the next one is made at once, and without the will. Where that does not help either the will is there again,
 * and so on by turns.
 */
export function mayRefuseStatus(input: UpstreamLost | UpstreamRefused, hub: Hub): boolean {
  const { link, settings } = hub;
  if (settings.status.topicPrefix === '' || link.witness.upSince === undefined) {
    return false;
  }
  if (input.type === 'upstream-refused') {
    if (!MAY_MEAN_THE_WILL[input.protocolVersion].has(input.reasonCode)) {
      return false;
    }
  } else if (input.unsent || input.ours || ++link.statusFailures < TRIES) {
    return false;
  }
  link.statusFailures = 0;
  link.isStatusRefused = !link.isStatusRefused;
  return link.isStatusRefused;
}
