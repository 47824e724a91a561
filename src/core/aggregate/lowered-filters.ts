/** SUBSCRIBE for less than before, behind the records of the clients that have asked for less, or have left (I-168). */

import type { Qos } from '../../codec/message.ts';
import { type Hub, NOBODY } from './hub.ts';
import { wantedQos } from './lift.ts';
import type { SharedFilter } from './shared-filter.ts';
import { SLOTS_OWNER } from './slots.ts';

/** It is to be lowered, but not while the records wait of those who have left it. */
export function keepsQos(filter: SharedFilter, hub: Hub): boolean {
  return hub.link.heldOwners.has(NOBODY) && isLowered(filter, wantedQos(filter, hub), hub);
}

function isLowered({ isLeft, granted }: SharedFilter, qos: Qos, { link }: Hub): boolean {
  return link.identifies && isLeft && granted !== undefined && qos < granted;
}

/** With less than before it waits for the records of those who have left it; and so does what comes behind UNSUBSCRIBE that does. */
export function ownerOfSubscribe(filter: SharedFilter, qos: Qos, hub: Hub): { owner?: string } {
  const isBehind = hub.link.endsByRecord.has(filter.filter) && hub.departing.get(filter.filter) !== 0;
  if (isBehind || isLowered(filter, qos, hub)) {
    return { owner: NOBODY };
  }
  return filter.isNamedAnew ? { owner: SLOTS_OWNER } : {};
}
