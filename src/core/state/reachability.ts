/**
 * Whether the broker can be reached (D-2, D-13, 3.5): one state for all connections, with the gateway's own as the witness (I-13, I-40). While
 * the broker is away only that one tries; the sessions that wait for the broker are here.
 */

import type { Millis } from '../contract/link.ts';
import { type DeadlineOwner, NO_WAITS, type Waits } from './deadlines.ts';
import type { Session } from './session.ts';

export class Reachability implements DeadlineOwner<'advertise' | 'settled'> {
  readonly kind = 'reachability';
  waits: Waits<'advertise' | 'settled'> = NO_WAITS;
  /** Undefined: nobody has tried yet. */
  reachable: boolean | undefined;
  /** The last sign of the broker. */
  reachableAt: Millis = Number.NEGATIVE_INFINITY;
  /** When the last connection that stood broke; undefined: one stands, or none ended so. */
  lostAt: Millis | undefined;
  /** When a client's connection came to stand while the broker was away: its attempt had begun before. */
  foundAt: Millis = Number.NEGATIVE_INFINITY;
  /** The own connection has stood: since then it tells when the broker is back, and nobody else has to try. */
  witnessed = false;
  /** The broker has answered the own connection, which does not stand all the same: refused, or its client id is in use elsewhere. */
  answers = false;
  /** The sessions that waited in this outage have had their turn at once. */
  broughtForward = false;
  /** Until when somebody waits for the broker who must not wait long: a grace time, a CONNECT that is held, a publish with QoS −1. */
  urgentUntil: Millis = Number.NEGATIVE_INFINITY;
  /** Connections of sessions that broke, so far. */
  falls = 0;
  /** Sessions that wait for an attempt, after a pause of their own or until the broker is back. */
  readonly waiting = new Set<Session>();
  /** It has answered a QoS 2 PUBLISH with PUBACK, which has been told (I-35). */
  withoutQos2 = false;
  /** Connections that stand, and since when: the one that has stood longest comes first. */
  readonly #up = new Map<number, Millis>();

  /** Whether any connection stands. */
  get anyUp(): boolean {
    return this.#up.size > 0;
  }

  /** Nothing stands, and the own connection will tell when the broker is back: an attempt of a client would be in vain. */
  get away(): boolean {
    return this.#up.size === 0 && this.witnessed && !this.answers;
  }

  /** A connection to the broker stands. */
  stands(connection: number, now: Millis): void {
    this.#up.set(connection, now);
    this.lostAt = undefined;
  }

  /** A connection is over, by our own doing or not. */
  ended(connection: number): void {
    this.#up.delete(connection);
  }

  /** Whether another connection than this one stands, and stood before it: that has ended alone. */
  stoodBeside(connection: number, since: Millis): boolean {
    for (const [other, stoodSince] of this.#up) {
      if (other !== connection) {
        return stoodSince < since;
      }
    }
    return false;
  }

  /** Whether the broker was there within `grace` (3.5 item 3). */
  recentlyReachable(now: Millis, grace: Millis): boolean {
    return this.anyUp || now - this.reachableAt < grace;
  }
}
