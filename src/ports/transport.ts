/** A way to the clients: UDP socket, serial line, radio module. Thin: octets on the medium into (link, frame) and back. */
import type { TransportEffect } from '../core/contract/effect.ts';
import type { TransportInput } from '../core/contract/input.ts';

export type { Broadcast, Send, TransportEffect } from '../core/contract/effect.ts';
export type { TransportInput, TransportOpened } from '../core/contract/input.ts';
export type { Link } from '../core/contract/link.ts';
export type { Peer } from '../core/contract/peer.ts';

/** Where a transport puts what it hears. Must not be called from inside `perform`. */
export type TransportListener = (input: TransportInput) => void;

export interface Transport {
  /** First part of each link of this transport; unique in a gateway, without a colon. */
  readonly name: string;
  /**
   * Starts listening. Resolves when frames can be exchanged, or when what is missing may come later (a port that is plugged in, a network): then
   * `transport-opened` says when it is there. Rejects with an `Error` that has a `code` where waiting would not help.
   */
  open(): Promise<void>;
  /** Sends; never throws and never waits. What cannot be sent is dropped and reported to the observer. */
  perform(effect: TransportEffect): void;
  /** Stops listening and frees the medium. */
  close(): Promise<void>;
}
