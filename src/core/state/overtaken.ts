/** SUBSCRIBE and UNSUBSCRIBE that are out, and what the broker has been told about the same filter since. */

import type { BrokerConnection } from './broker-connection.ts';

/**
 * The broker is about to be told something about this filter: UNSUBACK for what is out does not say any more what it has in the end. `isRestored`: it is
 * a subscription that is restored once more, so that the answer to the last SUBSCRIBE for it decides.
 */
export function overtake(upstream: BrokerConnection, filter: string, isRestored = false): void {
  for (const packet of upstream.unanswered()) {
    if (packet.purpose === 'exchange' || (packet.purpose === 'restoring' && !isRestored)) {
      continue;
    }
    const about = packet.purpose === 'request' ? packet.subscription.filter : packet.filter;
    if (about === filter) {
      packet.overtaken = true;
    }
  }
}

/** Filters of UNSUBSCRIBEs that no client waits for, that are out, and that are what the broker was told last. */
export function unsubscribing(upstream: BrokerConnection): ReadonlySet<string> {
  return new Set(
    upstream
      .unanswered()
      .flatMap((packet) => (packet.purpose === 'unsubscribing' && !packet.overtaken ? [packet.filter] : [])),
  );
}
