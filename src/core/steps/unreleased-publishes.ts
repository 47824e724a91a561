/**
 * A client that has PUBREC for its QoS 2 PUBLISH and does not say PUBREL (T-18): after the retry window the gateway says it, for PUBREC told the
 * client that it may forget the message, and neither its places nor the broker's window may stay taken for ever.
 */

import type { Millis } from '../contract/link.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import type { Session } from '../state/session.ts';
import { isReleaseOut, release, takeFromClient } from './exchanges.ts';
import { rememberLetGo } from './finished-publishes.ts';
import type { Turn } from './turn.ts';

/** The broker has said PUBREC. One deadline for a session: that of the oldest. */
export function awaitPubRel(session: Session, turn: Turn): void {
  if (!turn.deadlines.has(session, 'release')) {
    turn.deadlines.set(session, 'release', turn.now + turn.retryWindow(session.path));
  }
}

/** The deadlines of the session were cleared, or the oldest one has ended. */
export function superviseUnreleased(session: Session, turn: Turn): void {
  let oldest: Millis | undefined;
  for (const exchange of session.inbound.exchanges) {
    if (waitsForPubRel(exchange) && (oldest === undefined || exchange.receivedAt < oldest)) {
      oldest = exchange.receivedAt;
    }
  }
  if (oldest !== undefined) {
    turn.deadlines.set(session, 'release', oldest + turn.retryWindow(session.path));
  }
}

/** The retry window is over for the oldest one, at least where it has not been released meanwhile. */
export function releaseDue(session: Session, turn: Turn): void {
  letGoOverdue(session, turn);
  superviseUnreleased(session, turn);
}

/** Lets go of all whose time is over. */
export function letGoOverdue(session: Session, turn: Turn): void {
  const window = turn.retryWindow(session.path);
  for (const exchange of session.inbound.exchanges) {
    if (waitsForPubRel(exchange) && exchange.receivedAt + window <= turn.now) {
      rememberLetGo(session, exchange, turn);
      takeFromClient(session, exchange, 'let-go', turn);
    }
  }
}

/**
 * The client leaves, or is lost, and its connection to the broker ends. It has PUBREC and may have forgotten the message: with a clean session what
 * the broker has not been told to release would be gone (T-18, T-26), and nobody knows whether any other client ever comes back (I-65). What is
 * suspected does not hold PUBREL up any more.
 */
export function releaseBeforeEnd(session: Session, turn: Turn): void {
  for (const exchange of toRelease(session)) {
    if (!session.cleanSession && exchange.role === 'current' && !exchange.released) {
      rememberLetGo(session, exchange, turn);
      session.inbound.byMsgId.delete(exchange.msgId);
      exchange.role = 'let-go';
    }
    exchange.released = true;
    releaseHere(session, exchange, turn);
  }
}

/**
 * The connection to the broker ends for a will dialogue, which the client may never finish: the broker hears PUBREL before. The client is there,
 * and has the retry window as ever for its own part of the exchange (I-80).
 */
export function releaseBeforeDialogue(session: Session, turn: Turn): void {
  for (const exchange of toRelease(session)) {
    releaseHere(session, exchange, turn);
  }
}

/** What the broker has, and the client was told so, or may have been before a restart (I-19), without a PUBREL on the connection that stands. */
function toRelease(session: Session): Exchange[] {
  const { upstream, held, cleanSession, inbound } = session;
  if (upstream.phase !== 'up' || (held && !cleanSession)) {
    return []; // what waits for the disk might miss the connection
  }
  return [...inbound.exchanges].filter((exchange) => {
    const isThere = exchange.received && exchange.packetId !== 0;
    return isThere && !isReleaseOut(session, exchange) && (exchange.told || exchange.restored || exchange.released);
  });
}

function releaseHere(session: Session, exchange: Exchange, turn: Turn): void {
  exchange.sentOn = session.upstream.connection;
  release(session, exchange, turn);
}

function waitsForPubRel(exchange: Exchange): exchange is Exchange & { readonly receivedAt: Millis } {
  return exchange.receivedAt !== undefined && exchange.role === 'current' && !exchange.released;
}
