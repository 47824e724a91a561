/**
 * Publishes on a slow or absent medium: a session waits until it is its turn (transports.ts). In order, so that no node of a radio is kept
 * waiting by what another one gets.
 */

import { breakOffAwake } from './sleep-procedure.ts';
import type { Path } from './state/path.ts';
import type { Session } from './state/session.ts';
import type { TransportState } from './state/transports.ts';
import type { Turn } from './turn.ts';

/** Whether the medium of a client takes another publish now. If not, the session waits for its turn. */
export function mediumHasRoom(session: Session, turn: Turn): boolean {
  const transport = turn.shared.transports.limited(session.path.link);
  if (transport === undefined) {
    return true;
  }
  if (transport.hasRoom(turn.now) && (transport.waiting.size === 0 || transport.serving === session)) {
    return true;
  }
  transport.waiting.add(session);
  wakeForRoom(transport, turn);
  return false;
}

/** Whether the medium of a path is closed. */
export function isAbsent(path: Path, turn: Turn): boolean {
  return turn.shared.transports.limited(path.link)?.closed === true;
}

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

function wakeForRoom(transport: TransportState, turn: Turn): void {
  const { roomAt } = transport;
  if (roomAt !== undefined) {
    turn.deadlines.set(transport, 'line', Math.max(roomAt, turn.now));
  }
}
