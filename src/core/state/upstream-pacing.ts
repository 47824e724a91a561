/**
 * No stampede (3.5 item 1): so many connections to the broker are made at a time, and the others wait their turn in order, also after a
 * start with a thousand stored sessions.
 */

import type { Session } from './session.ts';

export class UpstreamPacing {
  /** Connections that are being made at a time. */
  limit: number;
  readonly #making = new Set<number>();
  readonly #waiting = new Set<Session>();
  #closed = false;

  /** `limit`: connections that are being made at a time. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether a connection may be made now; else the session waits in line. */
  admits(session: Session): boolean {
    if (this.#making.size < this.limit) {
      return true;
    }
    this.#waiting.add(session);
    return false;
  }

  /** A connection is being made. */
  started(connection: number): void {
    this.#making.add(connection);
  }

  /** The session does not want a connection any more. */
  forget(session: Session): void {
    this.#waiting.delete(session);
  }

  /** A connection stands, or will not. Whether there was one that was being made. */
  done(connection: number): boolean {
    return this.#making.delete(connection);
  }

  /** The gateway stops: nobody's turn comes any more. Else each connection that is given up would begin the next one in line. */
  close(): void {
    this.#closed = true;
  }

  /** Takes the session whose turn it is out of the line; undefined: nobody waits, or nothing more may be made now. */
  next(): Session | undefined {
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
