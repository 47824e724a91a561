/** A defect of ours has broken an invariant (design 3): its session ends, what it has left undone for others is done, and the rest goes on. */

import { abandon, discard } from './steps/endings.ts';
import { continueParts, partDone } from './steps/parts.ts';
import type { Turn } from './steps/turn.ts';

/**
 * The session of `clientId` is ended; undefined: it was nobody's. Connections that the broken part had closed or opened, sessions that it had
 * forgotten, and records that it had deleted, are not what it was in the middle of, but what nobody would ever close, open or delete again: that is done first.
 */
export function sessionFailed(clientId: string | undefined, turn: Turn): void {
  const { owed } = turn.shared;
  turn.durable ||= owed.deletions.length > 0;
  turn.writes.push(...owed.deletions.splice(0));
  for (const owner of owed.owners) {
    turn.owners.add(owner);
  }
  owed.owners.clear();
  for (const effect of [...owed.closes.splice(0), ...owed.forgets.splice(0)]) {
    turn.emit(effect);
  }
  partDone(turn);
  const session = clientId === undefined ? undefined : turn.directory.byClientId(clientId);
  if (session) {
    turn.current = session;
    abandon(session, turn);
    partDone(turn);
  }
  for (const connect of owed.connects.splice(0)) {
    if (
      turn.directory.byConnection(connect.connection) ||
      turn.shared.gatewayLink.upstream.connection === connect.connection
    ) {
      turn.emit(connect); // of another session, whose turn it was
    }
  }
  partDone(turn);
  continueParts(turn);
}

/** The session cannot even be ended as it should be: nothing of it is looked at any more. */
export function sessionLost(clientId: string | undefined, turn: Turn): void {
  const session = clientId === undefined ? undefined : turn.directory.byClientId(clientId);
  if (session) {
    discard(session, turn);
  }
}
