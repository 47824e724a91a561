/** Whether the broker can be reached at all (D-2, D-13), whichever connection found it out. Owns the deadline of ADVERTISE. */

import type { Millis } from '../contract/link.ts';
import type { Deadline, DeadlineOwner } from './deadlines.ts';

export class Reachability implements DeadlineOwner<'advertise'> {
  readonly kind = 'reachability';
  readonly timers = new Map<'advertise', Deadline>();
  /** Undefined: nobody has tried yet. */
  reachable: boolean | undefined;
  /** The last sign of the broker. */
  reachableAt: Millis = Number.NEGATIVE_INFINITY;
  /** It has answered a QoS 2 PUBLISH with PUBACK, which has been told (I-35). */
  withoutQos2 = false;
  readonly #up = new Set<number>();

  /** Whether any connection stands. */
  get anyUp(): boolean {
    return this.#up.size > 0;
  }

  /** A connection to the broker stands. */
  stands(connection: number): void {
    this.#up.add(connection);
  }

  /** A connection is over, by our own doing or not. */
  ended(connection: number): void {
    this.#up.delete(connection);
  }

  /** Whether the broker was there within `grace` (3.5 item 3). */
  recentlyReachable(now: Millis, grace: Millis): boolean {
    return this.anyUp || now - this.reachableAt < grace;
  }
}
