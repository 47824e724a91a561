/** What packet ids of a connection to the broker are in use for. */

import type { Exchange } from './client-publish-state.ts';
import type { Request, Restoring, Unsubscribing } from './subscribe-state.ts';
import type { Farewell } from './will.ts';

/** What a packet of ours was for: where its acknowledgement belongs. */
export type PacketUse = Exchange | Request | Restoring | Unsubscribing | Farewell;

/** Its PUBREL has gone out, and PUBCOMP has not come. */
export function isReleasing({ received, releaseSent }: Exchange): boolean {
  return received && releaseSent;
}

/** An answer of the broker is still to come for it. */
export function awaitsBroker(exchange: Exchange): boolean {
  return !exchange.received || isReleasing(exchange);
}

/** Whether any of them is one of those. */
export function isAny(uses: Iterable<PacketUse>, isOne: (use: PacketUse) => boolean): boolean {
  for (const use of uses) {
    if (isOne(use)) {
      return true;
    }
  }
  return false;
}
