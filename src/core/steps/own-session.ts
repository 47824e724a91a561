/**
 * I-159. A client that shared the connection has one of its own now, and is away: the gateway makes its session at the broker on its behalf, with its
 * subscriptions, and lets it go again, so that messages wait there.
 */

import type { Session } from '../state/session.ts';
import { closeForAnother, closeUpstream, openUpstream, retryLater } from './connection.ts';
import { dropWaiting } from './delivery.ts';
import { parkDeliveries } from './outstanding.ts';
import { saveLater } from './persistence.ts';
import type { Turn } from './turn.ts';
import { UNREACHABLE } from './witness.ts';

/**
 * Its client is away: connects for it, in its turn, where that is still to be done. `pausesFirst`: no connection stood before the client was let go, and the
 * pauses go on.
 */
export function makeOwnSession(session: Session, turn: Turn, pausesFirst = false): void {
  const { upstream, subscribing, farewell } = session;
  if (!upstream.owesSession || !session.isGone || farewell || turn.shared.pacing.isClosed) {
    return;
  }
  if (subscribing.subscriptions.size === 0) {
    isMade(session, turn); // nothing would wait there
    return;
  }
  if (pausesFirst) {
    retryLater(session, UNREACHABLE, turn);
    return;
  }
  openUpstream(session, turn);
}

/**
 * The broker has said something on its connection, or its bridge has ended: where the broker has all subscriptions now, the session is there. Whoever is away is
 * let go when nothing comes by the shared connection any more: until then it is known what comes by both.
 */
export function reviewOwnSession(session: Session, turn: Turn): void {
  const { upstream, subscribing } = session;
  const isUnderWay = upstream.owesSubscriptions || upstream.isAnyFor('restoring') || upstream.suspicion.active;
  if (upstream.shared || upstream.phase !== 'up' || isUnderWay || session.attempt || session.farewell) {
    return;
  }
  if (session.isGone && subscribing.asksAgain) {
    const { attempts } = upstream; // I-132: all are asked for on the next connection
    closeForAnother(session, turn);
    upstream.attempts = attempts;
    retryLater(session, 'the broker does not take all subscriptions now', turn);
    dropReceived(session, turn);
    return;
  }
  if (upstream.owesSession) {
    isMade(session, turn);
  }
  if (session.isGone && !turn.shared.isBridged(session.clientId)) {
    closeUpstream(session, true, turn);
    dropReceived(session, turn);
  }
}

/** What comes on the shared connection is not for its client any more: nothing of before is left there. */
export function bridgeOver(session: Session, turn: Turn): void {
  if (session.upstream.bridged) {
    session.upstream.bridged = false;
    saveLater(session, turn);
  }
  reviewOwnSession(session, turn);
}

/** As where a client leaves (I-16). */
function dropReceived(session: Session, turn: Turn): void {
  parkDeliveries(session, turn);
  dropWaiting(session, ({ message }) => message.qos === 0, 'the client left', turn);
}

function isMade(session: Session, turn: Turn): void {
  session.upstream.owesSession = false;
  saveLater(session, turn);
}
