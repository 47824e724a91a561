/** Memory of what a client may repeat is let go when it may not any more (T-18, U-11), though nothing comes of it. */

import type { Millis } from '../contract/link.ts';
import type { Session } from '../state/session.ts';
import type { Turn } from './turn.ts';

/** Those that are due within so long are looked at together. */
const TOGETHER: Millis = 1_000;

/** The session remembers something until then. */
export function restLater(session: Session, until: Millis, turn: Turn): void {
  const { resting } = turn.directory;
  resting.add(session, until);
  if (!resting.timers.has('rest')) {
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

/** Time is over for some. One that has come to remember something else waits for that. */
export function restDue(turn: Turn): void {
  const { resting } = turn.directory;
  for (const session of resting.takeDue(turn.now)) {
    session.rest(turn.now);
    turn.directory.foldables.add(session);
    const until = session.remembersUntil;
    if (until > turn.now) {
      resting.add(session, until);
    }
  }
  if (resting.next !== undefined) {
    turn.deadlines.set(resting, 'rest', Math.max(resting.next, turn.now) + TOGETHER);
  }
}
