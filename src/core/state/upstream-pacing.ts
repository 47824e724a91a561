/**
 * No stampede (3.5 item 1): so many connections to the broker are made at a time, and the others wait their turn in order, also after a
 * start with a thousand stored sessions.
 */

import type { Leftover } from './leftovers.ts';
import type { Session } from './session.ts';

/** Whoever wants a connection. */
export type Waiter = Session | Leftover;

export class UpstreamPacing {
  /** Connections that are being made at a time. */
  limit: number;
  readonly #making = new Set<number>();
  readonly #waiting = new Set<Waiter>();
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
    this.#waiting.add(one);
    return false;
  }

  /** A connection is being made. */
  started(connection: number): void {
    this.#making.add(connection);
  }

  /** It does not want a connection any more. */
  forget(one: Waiter): void {
    this.#waiting.delete(one);
  }

  /** A connection stands, or will not. Whether there was one that was being made. */
  done(connection: number): boolean {
    return this.#making.delete(connection);
  }

  /** The gateway stops: nobody's turn comes any more. Else each connection that is given up would begin the next one in line. */
  close(): void {
    this.#closed = true;
  }

  /** Takes the one whose turn it is out of the line; undefined: nobody waits, or nothing more may be made now. */
  next(): Waiter | undefined {
    if (this.#closed || this.#making.size >= this.limit) {
      return undefined;
    }
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      return next;
    }
    return undefined;
  }
}
