/**
 * Sessions that remember what their clients may repeat (T-18, U-11), in the order in which that may be over: by then most of the clients sleep, and
 * nothing else would have the memory let go. Each is here once.
 */

import type { Millis } from '../contract/link.ts';
import { type DeadlineOwner, NO_WAITS, type Waits } from './deadlines.ts';
import type { Session } from './session.ts';

export class Resting implements DeadlineOwner<'rest'> {
  readonly kind = 'resting';
  waits: Waits<'rest'> = NO_WAITS;
  /** When each is looked at. */
  readonly #due = new Map<Session, Millis>();

  get size(): number {
    return this.#due.size;
  }

  /** It remembers something until then; one that is here already is looked at in its turn. */
  add(session: Session, due: Millis): void {
    if (!this.#due.has(session)) {
      this.#due.set(session, due);
    }
  }

  /** The session is gone. */
  delete(session: Session): void {
    this.#due.delete(session);
  }

  /** When the first one is due; undefined: there is none. */
  get next(): Millis | undefined {
    for (const due of this.#due.values()) {
      return due;
    }
    return undefined;
  }

  /** Takes out those that are due at `now`, in one go: to look for the first one anew each time is a walk over the places of all that are out. */
  *takeDue(now: Millis): Generator<Session, void> {
    for (const [session, due] of this.#due) {
      if (due > now) {
        return;
      }
      this.#due.delete(session);
      yield session;
    }
  }
}
