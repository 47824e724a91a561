/** Sessions whose clients say nothing are folded up; of others what a client may repeat is let go when it may not any more (T-18, U-11). */

import type { Millis } from '../contract/link.ts';
import type { Session } from '../state/session.ts';
import type { Turn } from './turn.ts';

/** Sessions that are folded up in one turn: after a start there are many. */
const FOLDED_AT_A_TIME = 256;

/** Those that are due within so long are looked at together. */
const TOGETHER: Millis = 1_000;

/** The session remembers something until then. */
export function restLater(session: Session, until: Millis, turn: Turn): void {
  const { resting } = turn.directory;
  resting.add(session, until);
  if (!turn.deadlines.has(resting, 'rest')) {
    turn.deadlines.set(resting, 'rest', until + TOGETHER);
  }
}

/** A session is gone: where it was the last one nobody is waited for. */
export function restNoMore(turn: Turn): void {
  const { resting } = turn.directory;
  if (resting.size === 0) {
    turn.deadlines.clear(resting, 'rest');
  }
}

/** Time is over for some. One that has come to remember something else waits for that; one that was not to be folded up yet is. */
export function restDue(turn: Turn): void {
  const { resting } = turn.directory;
  for (const session of resting.takeDue(turn.now)) {
    session.rest(turn.now);
    const next = session.restsAt(turn.now);
    if (next !== undefined) {
      resting.add(session, next);
    }
    session.lookAgain();
  }
  if (resting.next !== undefined) {
    turn.deadlines.set(resting, 'rest', Math.max(resting.next, turn.now) + TOGETHER);
  }
}

/** At the end of a turn: those that have nothing under way are folded up, so many at a time. What they remember goes when they are unfolded. */
export function foldUp(turn: Turn): void {
  const { foldables, resting } = turn.directory;
  let left = FOLDED_AT_A_TIME;
  for (const session of foldables) {
    if (left-- === 0) {
      return;
    }
    foldables.delete(session);
    session.fold(turn.now);
    if (session.isFolded) {
      resting.delete(session);
      continue;
    }
    const next = session.restsAt(turn.now);
    if (next !== undefined && session.foldables !== undefined) {
      restLater(session, next, turn); // else it is gone
    }
  }
  restNoMore(turn);
}
