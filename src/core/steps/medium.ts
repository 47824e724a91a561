/** Publishes on a slow or absent medium: a session waits until it is its turn (state/transports.ts, procedures/medium-turns.ts). */

import type { Path } from '../state/path.ts';
import type { Session } from '../state/session.ts';
import type { TransportState } from '../state/transports.ts';
import type { Turn } from './turn.ts';

/** Whether the medium of a client takes another publish now. If not, the session waits for its turn. */
export function mediumHasRoom(session: Session, turn: Turn): boolean {
  const transport = turn.shared.transports.limited(session.path.transport);
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
  return turn.shared.transports.limited(path.transport)?.closed === true;
}

export function wakeForRoom(transport: TransportState, turn: Turn): void {
  const { roomAt } = transport;
  if (roomAt !== undefined) {
    turn.deadlines.set(transport, 'line', Math.max(roomAt, turn.now));
  }
}
