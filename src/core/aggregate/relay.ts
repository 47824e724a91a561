/** A publish that is to go to the broker over the shared connection. */

import type { Relay } from './member.ts';

/** A publish that has not gone out. */
export function newRelay(
  relay: Pick<Relay, 'member' | 'sessionPacketId' | 'topic' | 'payload' | 'qos' | 'retain' | 'is' | 'willOf'>,
): Relay {
  return {
    ...relay,
    packetId: 0,
    sentOn: 0,
    sent: false,
    received: false,
    ended: false,
    released: false,
    stored: false,
    abandoned: false,
    unheard: undefined,
    packetIdsRefused: 0,
  };
}
