/**
 * A client that has PUBREC for its QoS 2 PUBLISH and does not say PUBREL (T-18): after the retry window the gateway says it, for PUBREC told the
 * client that it may forget the message, and neither its places nor the broker's window may stay taken for ever.
 */

import type { Millis } from '../contract/link.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import type { Session } from '../state/session.ts';
import { releaseUnasked, takeFromClient } from './exchanges.ts';
import { rememberLetGo } from './finished-publishes.ts';
import type { Turn } from './turn.ts';

/** The broker has said PUBREC. One deadline for a session: that of the oldest. */
export function awaitPubRel(session: Session, turn: Turn): void {
  if (!session.timers.has('release')) {
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
 * The broker's session ends with its connection, and what it has not been told to release would be gone: the client has PUBREC and may have
 * forgotten it (T-18, T-26).
 */
export function releaseBeforeEnd(session: Session, turn: Turn): void {
  if (session.upstream.phase !== 'up') {
    return;
  }
  for (const exchange of session.inbound.exchanges) {
    if (exchange.told && exchange.received && !exchange.released && exchange.packetId !== 0) {
      releaseUnasked(session, exchange, turn);
    }
  }
}

function waitsForPubRel(exchange: Exchange): exchange is Exchange & { readonly receivedAt: Millis } {
  return exchange.receivedAt !== undefined && exchange.role === 'current' && !exchange.released;
}
