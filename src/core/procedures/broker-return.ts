/** The broker is back after it was away (3.5 item 1): the sessions that waited get their turn. */

import type { Millis } from '../contract/link.ts';
import { openUpstream } from '../steps/connection.ts';
import { leftoversGoOn } from '../steps/leftovers.ts';
import { partDone } from '../steps/parts.ts';
import { reconnectDelay } from '../steps/reconnect-delay.ts';
import type { Turn } from '../steps/turn.ts';
import { pump } from './gateway-publish.ts';

/** The own connection stands for this long before the others follow: a broker that accepts and closes at once is not back. */
const SETTLING: Millis = 1_000;

/** The own connection stands, or the broker has answered it or a client: if that lasts, the others follow. */
export function brokerAnswered(turn: Turn): void {
  turn.deadlines.set(turn.shared.reachability, 'settled', turn.now + SETTLING);
}

/** A client's connection stands that was being made when the last one fell: the broker is there, and nobody has to wait until the own one stands. */
export function brokerFound(turn: Turn): void {
  turn.shared.reachability.foundAt = turn.now;
  brokerAnswered(turn);
}

/** The own connection does not stand: nobody follows it. Where a client has found the broker a moment ago, that still counts. */
export function ownUnsettled(turn: Turn): void {
  const { reachability } = turn.shared;
  const settledAt = reachability.foundAt + SETTLING;
  if (reachability.anyUp && settledAt > turn.now) {
    turn.deadlines.set(reachability, 'settled', settledAt);
  } else {
    turn.deadlines.clear(reachability, 'settled');
  }
}

/** The own connection's attempt has succeeded or failed: clients that are awake and have waited for that are told (I-41). */
export function ownAttemptDecided(turn: Turn): void {
  const { reachability } = turn.shared;
  for (const session of [...reachability.waiting]) {
    if (session.state === 'awake' && session.sleep?.broker === 'asked') {
      turn.current = session;
      session.sleep.broker = reachability.away ? 'missed' : 'unasked';
      pump(session, turn);
      partDone(turn);
    }
  }
}

/** The connection stands that clients share: those of them that wait have it at once, whatever the own one has found. */
export function sharedStands(turn: Turn): void {
  for (const session of [...turn.shared.reachability.waiting]) {
    if (session.upstream.shared && session.attempt !== undefined) {
      turn.current = session;
      openUpstream(session, turn);
      partDone(turn);
    }
  }
}

/**
 * It has lasted: every session that waits is brought forward, active clients first, `maxConnecting` at a time. Once for each outage: where
 * the broker fell again within a minute of its return, each keeps its back-off (I-40).
 */
export function brokerSettled(turn: Turn): void {
  const { reachability, leftovers } = turn.shared;
  if (reachability.away) {
    return; // it has not lasted
  }
  const again = reachability.broughtForward;
  reachability.broughtForward = true;
  const waiting = [...reachability.waiting].filter(
    ({ clientId, upstream }) => upstream.shared || !leftovers.of(clientId),
  ); // I-103: it waits for that alone
  const active = waiting.filter((session) => session.state === 'active' || session.attempt !== undefined);
  for (const session of new Set([...active, ...waiting])) {
    turn.current = session;
    if (!again) {
      openUpstream(session, turn);
    } else if (!turn.deadlines.has(session, 'reconnect')) {
      const pause = reconnectDelay(Math.max(0, session.upstream.attempts - 1), turn.settings, turn.shared.random);
      turn.deadlines.set(session, 'reconnect', turn.now + pause);
    }
    partDone(turn);
  }
  leftoversGoOn(!again, turn);
}
