/** A session that is forgotten here, or left for the shared connection, is ended at the broker (I-103, I-158): one attempt after the other, until the broker has accepted a clean connection. */

import { storeKey } from '../contract/stored-records.ts';
import { AFTER_DEFECT } from '../state/deadlines.ts';
import { Leftover } from '../state/leftovers.ts';
import type { Session } from '../state/session.ts';
import { saveLater } from './persistence.ts';
import { reconnectDelay } from './reconnect-delay.ts';
import type { Turn } from './turn.ts';

/**
 * Whether the broker has, or may get, a session of this client that outlives its connection. A client that asks for one may have it there already, of a
 * CONNECT of which nothing was on the disk when the gateway was killed.
 */
export function isKeptAtBroker({ upstream, cleanSession, connectsClean }: Session): boolean {
  return upstream.ownSince !== undefined || (!upstream.shared && (!cleanSession || !connectsClean));
}

/**
 * I-158. The client is back on the shared connection: the session that the broker has of its own would only collect copies from now on. Where too many are to
 * end, the next sign of life of the client is soon enough.
 */
export function leaveOwnSession(session: Session, turn: Turn): void {
  const { upstream, clientId } = session;
  const { leftovers } = turn.shared;
  if (upstream.ownSince === undefined || !upstream.shared || (leftovers.isFull && !leftovers.of(clientId))) {
    return;
  }
  upstream.ownSince = undefined;
  saveLater(session, turn);
  if (!leftovers.of(clientId)) {
    leaveBehind(session, turn, true);
  } // else it is to end since before another change, and the attempts have their pauses
}

/** The broker is to forget the session of a client: it is known on the disk until that is done. `replaced`: the client has another one here. */
export function leaveBehind({ clientId, owner: identity }: Session, turn: Turn, replaced = false): void {
  const known = turn.shared.leftovers.of(clientId);
  const leftover = known ?? addLeftover({ clientId, identity, since: turn.now, replaced }, turn);
  const { since } = leftover;
  turn.writes.push({
    key: storeKey('leftover', clientId),
    record: {
      kind: 'leftover',
      clientId,
      ...(leftover.identity !== undefined && { identity: leftover.identity }),
      since,
      ...(leftover.replaced && { replaced: true }),
    },
  });
  turn.owners.add(clientId);
  attemptLeftover(leftover, turn);
}

/** Remembers one, of now or from before a restart. */
export function addLeftover(session: ConstructorParameters<typeof Leftover>[0], turn: Turn): Leftover {
  const leftover = new Leftover(session);
  const surplus = turn.shared.leftovers.add(leftover);
  if (surplus) {
    giveUpLeftover(surplus, 'too many sessions wait for their end at the broker', turn);
  }
  return leftover;
}

/** Connects with CleanSession, now or in its turn; not while the broker is away. */
export function attemptLeftover(leftover: Leftover, turn: Turn): void {
  const { pacing, reachability } = turn.shared;
  if (leftover.connection !== 0 || reachability.away) {
    turn.deadlines.clear(leftover, 'reconnect');
    return;
  }
  turn.deadlines.set(leftover, 'reconnect', turn.now + AFTER_DEFECT); // it has no place in the line, and may not get one
  if (turn.now - leftover.since >= turn.settings.sessions.expiry) {
    giveUpLeftover(leftover, 'the broker could not be reached for it in time', turn);
    return;
  }
  if (pacing.admits(leftover)) {
    connectLeftover(leftover, turn.shared.nextConnection(), turn);
  }
  turn.deadlines.clear(leftover, 'reconnect');
}

function connectLeftover(leftover: Leftover, connection: number, turn: Turn): void {
  const { clientId, identity } = leftover;
  turn.shared.leftovers.begins(leftover, connection);
  turn.shared.pacing.started(connection);
  turn.emit({
    type: 'upstream-connect',
    connection,
    clientId,
    ...(identity !== undefined && { identity }),
    cleanSession: true,
    will: undefined,
    endsSession: true,
  });
}

/** The next attempt comes after a pause. */
export function attemptLater(leftover: Leftover, turn: Turn): void {
  turn.deadlines.set(leftover, 'reconnect', turn.now + AFTER_DEFECT); // whatever breaks: it is not forgotten
  const pause = reconnectDelay(leftover.attempts++, turn.settings, turn.shared.random);
  turn.deadlines.set(leftover, 'reconnect', turn.now + pause);
}

/** Nobody will end it: it ends when the broker lets it expire, or its client connects with CleanSession. */
export function giveUpLeftover(leftover: Leftover, reason: string, turn: Turn): void {
  const { clientId } = leftover;
  turn.note({ type: 'broker-session-left', clientId, reason });
  forgetLeftover(leftover, turn);
  const session = turn.directory.byClientId(clientId);
  if (session?.upstream.phase === 'waiting' && !session.upstream.shared) {
    turn.deadlines.set(session, 'reconnect', turn.now); // it waited for that
  }
}

/** It is over, whatever has become of it. */
export function forgetLeftover(leftover: Leftover, turn: Turn): void {
  const { clientId, connection } = leftover;
  turn.deadlines.clearAll(leftover);
  turn.shared.pacing.forget(leftover);
  if (connection !== 0) {
    turn.emit({ type: 'upstream-close', connection, disconnect: true });
    turn.shared.pacing.done(connection);
    turn.shared.reachability.ended(connection);
  }
  turn.shared.leftovers.remove(leftover);
  turn.writes.push({ key: storeKey('leftover', clientId), record: undefined });
}

/** The gateway stops: they go on after the next start. */
export function closeLeftovers(turn: Turn): void {
  for (const leftover of turn.shared.leftovers.all()) {
    turn.deadlines.clearAll(leftover);
    if (leftover.connection !== 0) {
      turn.emit({ type: 'upstream-close', connection: leftover.connection, disconnect: true });
      turn.shared.leftovers.ended(leftover);
    }
  }
}

/** The broker is back. `atOnce`: without a pause, once for each outage (I-40). */
export function leftoversGoOn(atOnce: boolean, turn: Turn): void {
  for (const leftover of turn.shared.leftovers.all()) {
    if (atOnce) {
      attemptLeftover(leftover, turn);
    } else if (leftover.connection === 0 && !turn.deadlines.has(leftover, 'reconnect')) {
      attemptLater(leftover, turn);
    }
  }
}
