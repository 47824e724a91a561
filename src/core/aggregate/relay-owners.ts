/** For which records a publish on the shared connection waits. */

import type { Hub } from './hub.ts';
import type { Relay } from './member.ts';
import { ownerOfUnrecorded } from './unrecorded.ts';

/** Owner of wills with QoS 2, in the store and on the way to the broker; no client id has U+0000. */
const WILLS_OWNER = '\u0000wills';

/** Whose effects it waits with, where these wait for the disk. A will or a status with QoS 0 or 1 waits for nothing (I-62). */
export function ownerOf(relay: Relay, hub: Hub): { owner?: string } {
  if (isUnrecorded(relay)) {
    return { owner: ownerOfUnrecorded(relay.packetId, hub) };
  }
  return relay.member === hub.own && relay.qos < 2 ? {} : { owner: recordOwner(relay, hub) };
}

/** Owner of its record. */
export function recordOwner({ member }: Relay, { own }: Hub): string {
  return member === own ? WILLS_OWNER : member.clientId;
}

/** Its packet id alone is on the disk. */
function isUnrecorded({ qos, is, stored }: Relay): boolean {
  return qos === 2 && is !== 'status' && !stored;
}
