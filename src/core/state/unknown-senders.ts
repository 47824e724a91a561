/** Senders without a session that were, or may yet be, answered with DISCONNECT (T-07, T-09 to T-11): bounded in number and, fairly, in rate. */

import type { Millis } from '../contract/link.ts';
import { FairRate } from './fair-rate.ts';
import { remember } from './remember.ts';

export interface Sender {
  /** When it was sent an unasked DISCONNECT last; −∞: never. */
  unaskedAt: Millis;
  /** Until when its own DISCONNECT may be a repetition (T-11). */
  leftUntil: Millis;
}

/** Addresses that are remembered; the oldest is forgotten first. */
const REMEMBERED = 10_000;

/** Unasked DISCONNECTs in a second, over all addresses, shared fairly between those that ask for them (T-10). */
const PER_SECOND = 100;

export class UnknownSenders {
  /** Unasked DISCONNECTs. */
  readonly rate = new FairRate(PER_SECOND);
  readonly #senders = new Map<string, Sender>();

  /** What is known of an address, by the key of its path. */
  of(key: string): Sender | undefined {
    return this.#senders.get(key);
  }

  /** A client left from this address: its DISCONNECT may be repeated until then. */
  left(key: string, until: Millis): void {
    this.#sender(key).leftUntil = until;
  }

  /** The gateway has sent this address an unasked DISCONNECT. */
  dismissed(key: string, now: Millis): void {
    this.#sender(key).unaskedAt = now;
  }

  #sender(key: string): Sender {
    const sender = this.#senders.get(key) ?? {
      unaskedAt: Number.NEGATIVE_INFINITY,
      leftUntil: Number.NEGATIVE_INFINITY,
    };
    remember(this.#senders, key, sender, REMEMBERED);
    return sender;
  }
}
