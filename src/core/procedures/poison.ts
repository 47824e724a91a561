/**
 * Poison (3.5 item 8, I-42): something that the broker answers by closing the connection. It would come again with every connection, before
 * everything else; it is found out, refused to the client, and what comes behind it goes on.
 */

import { RETURN_CODE } from '../../codec/message.ts';
import type { UpstreamLost } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import { isReleasing } from '../state/packet-use.ts';
import { type Session, where } from '../state/session.ts';
import type { Accused, Suspect } from '../state/suspicion.ts';
import { reasonLiesIn } from '../steps/broker-faults.ts';
import { endExchange, isAwaited, refusePublish } from '../steps/exchanges.ts';
import { condemn, remember } from '../steps/finished-publishes.ts';
import { saveExchange, saveLater } from '../steps/persistence.ts';
import type { Refusal } from '../steps/rejection.ts';
import { forgetSubscription } from '../steps/subscriptions.ts';
import type { Turn } from '../steps/turn.ts';
import { ownStoodBefore } from '../steps/witness.ts';
import { giveUpRequest } from './subscribe.ts';

export const GIVEN_UP: Refusal = {
  returnCode: RETURN_CODE.notSupported,
  reason: 'the broker closes the connection on it',
};

/** So often a connection breaks on PUBREL alone before it is given up. */
const RELEASE_FALLS = 8;

/** A broker that drops everybody has dropped the own connection by then, too. */
const FALLS_TOO: Millis = 1_000;

/**
 * A connection that stood broke: what was out on it is suspected, or accused. True where nothing was out, so that no packet can be the
 * reason.
 */
export function suspectUnanswered(session: Session, lost: UpstreamLost, turn: Turn): boolean {
  const { upstream } = session;
  const { suspicion, upSince: since } = upstream;
  const { probe, suspects } = suspicion;
  suspicion.probe = undefined;
  suspicion.unexplained = false;
  turn.deadlines.clear(session, 'probe');
  const out = upstream.unanswered(lost.kept?.packetIds);
  const qos0 = upstream.unproven.count - (lost.kept?.qos0 ?? 0);
  const idle = out.length === 0 && qos0 === 0;
  const reason = reasonLiesIn(lost);
  if (reason === 'no-packet') {
    return idle;
  }
  const named = reason === 'a-packet';
  const wasQuiet = suspicion.active && turn.now < suspicion.quietUntil;
  suspicion.unexplained = !named && (!idle || (wasQuiet && upstream.owesRelease)); // PUBREL is behind the next quiet second as well
  const isOut = out.length > 0 || lost.kept === undefined;
  const isAlone = !session.held && isOut && out.every((one) => one === probe); // what waits for the disk may not have gone out
  if (probe && isAlone && (named || !isTold(probe))) {
    suspicion.accused = { suspect: probe, since, at: turn.now, named, proven: named };
    turn.deadlines.set(session, 'verdict', turn.now + FALLS_TOO);
    return false;
  }
  suspicion.suspects = [...new Set([...out, ...suspects])];
  const [alone] = out;
  if (named && alone && out.length === 1 && qos0 === 0) {
    suspicion.accused = { suspect: alone, since, at: turn.now, named, proven: named };
  }
  const { single } = upstream.unproven;
  if (named && single && qos0 === 1 && out.length === 0) {
    noteGivenUp(session, 'PUBLISH', single.topic, single.octets, turn); // it is not sent again anyway
  }
  return idle;
}

/** The broker has taken it once, and the client has PUBREC (3.3): a break proves nothing against it. */
function isTold(suspect: Suspect): boolean {
  return suspect.purpose === 'exchange' && suspect.told && !isReleasing(suspect);
}

/** By now the own connection would have fallen as well, if nothing had been wrong with the packet. */
export function verdictDue(session: Session, turn: Turn): void {
  const { accused } = session.upstream.suspicion;
  if (accused) {
    accused.proven ||= ownStoodBefore(accused.since, turn);
  }
  if (session.upstream.phase === 'up') {
    judge(session, turn); // it did not wait for that
  }
}

/** The next connection stands: the packet is given up, unless the own connection fell as well, which a second has to show. */
export function judge(session: Session, turn: Turn): void {
  const { suspicion } = session.upstream;
  const { accused } = suspicion;
  if (accused && !accused.proven && turn.now < accused.at + FALLS_TOO && ownStoodBefore(accused.since, turn)) {
    return; // nothing goes out before that (I-70)
  }
  suspicion.accused = undefined;
  if (accused && (accused.proven || ownStoodBefore(accused.since, turn))) {
    if (mayBeChance(accused)) {
      return;
    }
    giveUp(session, accused.suspect, turn);
    suspicion.unexplained = false;
    suspicion.suspects = suspicion.suspects.filter((suspect) => suspect !== accused.suspect);
  }
}

/**
 * The client was told that it may forget what PUBREL releases, so nobody would repeat it: two breaks may be chance, and it takes more of them, with
 * growing pauses, before PUBREL is given up. True where there were not enough; it stays the first of the suspected then.
 */
function mayBeChance({ suspect, named }: Accused): boolean {
  if (named || suspect.purpose !== 'exchange' || !isReleasing(suspect)) {
    return false;
  }
  suspect.releaseFalls++;
  return suspect.releaseFalls < RELEASE_FALLS;
}

function giveUp(session: Session, suspect: Suspect, turn: Turn): void {
  if (suspect.purpose === 'restoring') {
    if (session.subscribing.subscriptions.has(suspect.filter)) {
      noteGivenUp(session, 'SUBSCRIBE', suspect.filter, 0, turn);
      session.subscribing.owed.add(suspect.filter); // I-145: behind all that is suspected; nothing where the broker has lost the session
      forgetSubscription(session, suspect.filter, turn);
    }
    return;
  }
  if (suspect.purpose === 'unsubscribing') {
    noteGivenUp(session, 'UNSUBSCRIBE', suspect.filter, 0, turn);
    session.subscribing.owed.delete(suspect.filter);
    saveLater(session, turn);
    return;
  }
  if (!session.upstream.awaits(suspect)) {
    return; // the client has left, or begun anew
  }
  if (suspect.purpose === 'request') {
    noteGivenUp(session, suspect.type, suspect.subscription.filter, 0, turn);
    giveUpRequest(session, suspect, GIVEN_UP, turn);
    return;
  }
  if (isReleasing(suspect)) {
    giveUpRelease(session, suspect, turn);
    return;
  }
  const { topic, payload } = suspect;
  noteGivenUp(session, 'PUBLISH', topic, payload.length, turn);
  condemn(session, suspect, turn);
  if (session.attempt) {
    endExchange(session, suspect, turn); // before CONNACK nothing: its repetition is answered (C-1)
  } else {
    refusePublish(session, suspect, GIVEN_UP, turn);
  }
}

/** The broker has had the message, and whatever it knows of it leads nowhere: the exchange is over, as with PUBCOMP. */
function giveUpRelease(session: Session, exchange: Exchange, turn: Turn): void {
  const { topic, payload, msgId, role, released } = exchange;
  noteGivenUp(session, 'PUBREL', topic, payload.length, turn);
  if (role === 'current' && !released) {
    session.upstream.freePacketId(exchange.packetId); // I-80: PUBREL of the client is still to come
    exchange.packetId = 0;
    exchange.releaseSent = false;
    saveExchange(session, exchange, turn);
    return;
  }
  endExchange(session, exchange, turn);
  if (role !== 'let-go') {
    remember(session, exchange, turn);
  }
  if (isAwaited(exchange) && !session.attempt) {
    turn.send(session, { type: 'PUBCOMP', msgId });
  }
}

function noteGivenUp(
  session: Session,
  message: 'PUBLISH' | 'PUBREL' | 'SUBSCRIBE' | 'UNSUBSCRIBE',
  topic: string,
  octets: number,
  turn: Turn,
): void {
  turn.note({ type: 'poison-given-up', ...where(session), message, topic, octets });
}
