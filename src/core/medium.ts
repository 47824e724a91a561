/**
 * Publishes on a slow or absent medium: a session waits until it is its turn (transports.ts). In order, so that no node of a radio is kept
 * waiting by what another one gets.
 */

import type { Session } from './state/session.ts';
import type { TransportState } from './state/transports.ts';
import { wakeForRoom } from './steps/medium.ts';
import { breakOffAwake } from './steps/sleep.ts';
import type { Turn } from './steps/turn.ts';

/** A medium has room, or is back: those that wait get their turns. `resume`: sends what a session has to send. */
export function mediumReady(
  transport: TransportState,
  resume: (session: Session, turn: Turn) => void,
  turn: Turn,
): void {
  try {
    for (const session of transport.waiting) {
      if (!transport.hasRoom(turn.now)) {
        break;
      }
      transport.waiting.delete(session);
      transport.serving = session;
      turn.current = session;
      resume(session, turn);
    }
  } finally {
    // also where an invariant of one session broke: the others must not wait for ever
    transport.serving = undefined;
    if (transport.waiting.size > 0) {
      wakeForRoom(transport, turn);
    }
  }
}

/** A medium went away: of its clients, those that are awake with nothing outstanding sleep on at once (T-r7). */
export function mediumGone(transport: TransportState, turn: Turn): void {
  for (const session of transport.waiting) {
    const isHere = turn.shared.transports.of(session.path.link) === transport; // or it waited here before it went elsewhere
    if (!isHere || session.state !== 'awake') {
      continue;
    }
    transport.waiting.delete(session);
    turn.current = session;
    breakOffAwake(session, turn);
  }
}
