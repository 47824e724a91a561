/**
 * No stampede (3.5 item 1): so many connections to the broker are made at a time, and the others wait their turn, also after a start with a thousand
 * stored sessions. The turns are shared fairly between the sources, so that a flood of CONNECTs from one keeps no other client from the broker (I-50);
 * whoever is there, and would be sent away, comes before sleepers.
 */

import { FairLine } from './fair-line.ts';
import type { Leftover } from './leftovers.ts';
import { hostKey } from './path.ts';
import type { Session } from './session.ts';

/** Whoever wants a connection. */
export type Waiter = Session | Leftover;

/** While others are in line every so manieth turn is a sleeper's, so that a flood does not keep sleepers away for ever. */
const SLEEPERS_TURN = 8;

export class UpstreamPacing {
  /** Connections that are being made at a time. */
  limit: number;
  readonly #making = new Set<number>();
  /** Clients that are there, or want to be, and the ends of sessions that some of them wait for. */
  readonly #urgent = new FairLine<Waiter>();
  readonly #others = new FairLine<Waiter>();
  #turns = 0;
  #closed = false;

  /** `limit`: connections that are being made at a time. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether a connection may be made now; else it waits in line. */
  admits(one: Waiter): boolean {
    if (this.#making.size < this.limit) {
      return true;
    }
    if (!this.has(one)) {
      this.#enqueue(one);
    }
    return false;
  }

  #enqueue(one: Waiter): void {
    if (one.kind === 'leftover') {
      this.#urgent.add(one, '', '');
      return;
    }
    const isUrgent = one.state === 'active' || one.attempt !== undefined;
    const line = isUrgent ? this.#urgent : this.#others;
    line.add(one, hostKey(one.path), one.path.link);
  }

  /** Whether it is in line. */
  has(one: Waiter): boolean {
    return this.#urgent.has(one) || this.#others.has(one);
  }

  /** A connection is being made. */
  started(connection: number): void {
    this.#making.add(connection);
  }

  /** It does not want a connection any more. */
  forget(one: Waiter): void {
    this.#urgent.delete(one);
    this.#others.delete(one);
  }

  /** A connection stands, or will not. Whether there was one that was being made. */
  done(connection: number): boolean {
    return this.#making.delete(connection);
  }

  /** The gateway stops: nobody's turn comes any more. Else each connection that is given up would begin the next one in line. */
  close(): void {
    this.#closed = true;
  }

  /** No connection is made any more. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Takes the one whose turn it is out of the line; undefined: nobody waits, or nothing more may be made now. */
  next(): Waiter | undefined {
    if (this.#closed || this.#making.size >= this.limit) {
      return undefined;
    }
    this.#turns++;
    const isOthers = this.#urgent.size === 0 || this.#turns % SLEEPERS_TURN === 0;
    return isOthers ? (this.#others.take() ?? this.#urgent.take()) : this.#urgent.take();
  }
}
