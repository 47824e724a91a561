/** A defect of ours has broken an invariant (design 3): its session ends, what it has left undone for others is done, and the rest goes on. */

import type { UpstreamConnect } from './contract/effect.ts';
import { connectionsGoOn } from './steps/connection.ts';
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
    if (isWanted(connect, turn)) {
      turn.emit(connect); // of another session, whose turn it was
    }
  }
  partDone(turn);
  connectionsGoOn(turn);
  partDone(turn);
  continueParts(turn);
}

/** Whether it is still somebody's: of a session, of one that is to end at the broker, or the gateway's own. */
function isWanted({ connection }: UpstreamConnect, { directory, shared }: Turn): boolean {
  const { leftovers, gatewayLink } = shared;
  const owner = directory.byConnection(connection) ?? leftovers.byConnection(connection);
  return owner !== undefined || gatewayLink.upstream.connection === connection;
}

/**
 * `failed`, whose session was to be ended, or what had to be done behind that, has broken an invariant as well, in the session of `broken`: each is
 * ended in its turn, until all is done that waited behind them. Every round takes something from what waits.
 */
export function failedAgain(failed: string | undefined, broken: string | undefined, turn: Turn): void {
  sessionLost(failed, turn);
  let next = broken === failed ? undefined : broken;
  for (;;) {
    turn.touched.clear();
    try {
      sessionFailed(next, turn);
      return;
    } catch {
      const other = turn.current?.clientId;
      turn.fallBack();
      sessionLost(next, turn);
      if (other === next && turn.shared.unfinished === undefined) {
        return;
      }
      next = other === next ? undefined : other;
    }
  }
}

/** The session cannot even be ended as it should be: nothing of it is looked at any more. */
function sessionLost(clientId: string | undefined, turn: Turn): void {
  const session = clientId === undefined ? undefined : turn.directory.byClientId(clientId);
  if (session) {
    discard(session, turn);
  }
}
