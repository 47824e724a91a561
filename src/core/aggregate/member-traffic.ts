/** What is on its way to a client of the shared connection, or from it: a client that sleeps has none of this. */

import { SmallMap } from '../topics/small-map.ts';

/** `Newcomer`, `Parcel` and `Relay` are those of member.ts. */
export class MemberTraffic<Newcomer, Parcel, Relay> {
  /** What its CONNECT asks for, while it waits for the answer. */
  asks: { readonly clean: boolean; readonly anew: boolean } | undefined;
  /** SUBSCRIBEs whose SUBACK is still to come, by filter. */
  readonly asking = new SmallMap<string, readonly Newcomer[]>();
  /** What the session has been handed, by its packet id, oldest first. */
  readonly handed = new SmallMap<number, Parcel>();
  /** QoS 1 and 2 publishes of the client, by the packet id of the session. */
  readonly relays = new SmallMap<number, Relay>();
  /** What waits, oldest first. */
  queue: Parcel[] = [];
  /** Those of `relays` that have not gone out, oldest first. */
  unsent: Relay[] = [];
  /** The payload of the first that waits is being read; whether the session waits for the answer to a ping meanwhile. */
  loading: { pinged: boolean } | undefined;
  /** Octets of the payloads that wait. */
  octets = 0;
  /** Those of them with QoS 0, and their octets (SL-16). */
  qos0Messages = 0;
  qos0Octets = 0;

  /** Nothing is asked for, waits, or has no answer. */
  get holdsNothing(): boolean {
    const { asking, handed, relays, queue } = this;
    return asking.size + handed.size + relays.size + queue.length === 0;
  }

  /** The same, and nobody is about to read or answer anything. */
  get isNothing(): boolean {
    return this.holdsNothing && this.unsent.length === 0 && this.asks === undefined && this.loading === undefined;
  }
}
