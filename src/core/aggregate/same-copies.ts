/** Which copies a message comes behind, by what they say (copies.ts). */

import type { UpstreamMessage } from '../contract/input.ts';
import { samePayload } from '../state/payload-digest.ts';
import type { Hub } from './hub.ts';
import type { Copies } from './open-copies.ts';
import type { FilterName } from './subscription-identifier.ts';

/** The last ones that say the same. QoS 0 comes between others. */
export function sameCopies({ topic, payload, qos }: UpstreamMessage, hub: Hub): readonly Copies[] {
  const last = qos > 0 ? [hub.copies] : [hub.copies, hub.copiesQos0];
  return last.filter(
    (one) => one !== undefined && one.topic === topic && samePayload(one.payload, payload),
  ) as Copies[];
}

/** Of those the ones of the same message, for it names other filters; undefined: it is a new one. */
export function openCopies(same: readonly Copies[], names: readonly FilterName[]): Copies | undefined {
  return same.find((one) => !names.some(isIn, one.names));
}

function isIn(this: readonly FilterName[], { slot }: FilterName): boolean {
  return this.some((one) => one.slot === slot);
}
