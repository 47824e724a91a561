/**
 * Poison (3.5 item 8, I-42): something that the broker answers by closing the connection. It would come again with every connection, before
 * everything else; it is found out, refused to the client, and what comes behind it goes on.
 */

import { RETURN_CODE } from '../../codec/message.ts';
import type { UpstreamLost } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { type Session, where } from '../state/session.ts';
import type { Suspect } from '../state/suspicion.ts';
import { endExchange, refusePublish } from '../steps/exchanges.ts';
import { condemn } from '../steps/finished-publishes.ts';
import { saveLater } from '../steps/persistence.ts';
import type { Refusal } from '../steps/rejection.ts';
import { forgetSubscription } from '../steps/subscriptions.ts';
import type { Turn } from '../steps/turn.ts';
import { ownStoodSince } from '../steps/witness.ts';
import { giveUpRequest } from './subscribe.ts';

export const GIVEN_UP: Refusal = {
  returnCode: RETURN_CODE.notSupported,
  reason: 'the broker closes the connection on it',
};

/** Malformed, protocol error, not authorised, topic name, packet too large, payload format, retain, QoS: a reason that lies in a packet. */
const OF_A_PACKET: ReadonlySet<number> = new Set([0x81, 0x82, 0x87, 0x90, 0x95, 0x99, 0x9a, 0x9b]);

/** Busy, shutting down, keep-alive, taken over, quota, administrative, another server, rate: a reason that lies in no packet. */
const OF_NO_PACKET: ReadonlySet<number> = new Set([0x89, 0x8b, 0x8d, 0x8e, 0x97, 0x98, 0x9c, 0x9d, 0x9f]);

/** A broker that drops everybody has dropped the own connection by then, too. */
const FALLS_TOO: Millis = 1_000;

/**
 * A connection that stood broke: what was out on it is suspected, or accused. True where nothing was out, so that no packet can be the
 * reason.
 */
export function suspectUnanswered(
  session: Session,
  { ours, unreadable, takenOver, reasonCode }: UpstreamLost,
  turn: Turn,
): boolean {
  const { upstream } = session;
  const { suspicion, upSince: since } = upstream;
  const { probe, suspects } = suspicion;
  suspicion.probe = undefined;
  suspicion.unexplained = false;
  turn.deadlines.clear(session, 'probe');
  const out = upstream.unanswered();
  const { releasing } = upstream;
  const idle = out.length === 0 && upstream.unproven.count === 0 && releasing !== 'out';
  if ((ours && !unreadable) || takenOver || (reasonCode !== undefined && OF_NO_PACKET.has(reasonCode))) {
    return idle;
  }
  const named = reasonCode !== undefined && OF_A_PACKET.has(reasonCode);
  const wasQuiet = suspicion.active && turn.now < suspicion.quietUntil;
  suspicion.unexplained = !named && (!idle || (wasQuiet && releasing === 'owed')); // PUBREL is behind the next quiet second as well
  const isAlone = !session.held && out.every((one) => one === probe); // what waits for the disk may not have gone out
  if (probe && isAlone && (named || !isTold(probe))) {
    suspicion.accused = { suspect: probe, since, at: turn.now, proven: named };
    turn.deadlines.set(session, 'verdict', turn.now + FALLS_TOO);
    return false;
  }
  suspicion.suspects = [...new Set([...out, ...suspects])];
  const [alone] = out;
  if (named && alone && out.length === 1 && upstream.unproven.count === 0) {
    suspicion.accused = { suspect: alone, since, at: turn.now, proven: named };
  }
  const { single } = upstream.unproven;
  if (named && single && out.length === 0) {
    noteGivenUp(session, 'PUBLISH', single.topic, single.octets, turn); // it is not sent again anyway
  }
  return idle;
}

/** The broker has taken it once, and the client has PUBREC (3.3): a break proves nothing against it. */
function isTold(suspect: Suspect): boolean {
  return suspect.purpose === 'exchange' && suspect.told;
}

/** By now the own connection would have fallen as well, if nothing had been wrong with the packet. */
export function verdictDue(session: Session, turn: Turn): void {
  const { accused } = session.upstream.suspicion;
  if (accused) {
    accused.proven ||= ownStoodSince(accused.since, turn);
  }
  if (session.upstream.phase === 'up') {
    judge(session, turn); // it did not wait for that
  }
}

/** The next connection stands: the packet is given up, unless the own connection fell as well, which a second has to show. */
export function judge(session: Session, turn: Turn): void {
  const { suspicion } = session.upstream;
  const { accused } = suspicion;
  if (accused && !accused.proven && turn.now < accused.at + FALLS_TOO && ownStoodSince(accused.since, turn)) {
    return; // nothing goes out before that (I-70)
  }
  suspicion.accused = undefined;
  if (accused && (accused.proven || ownStoodSince(accused.since, turn))) {
    giveUp(session, accused.suspect, turn);
    suspicion.unexplained = false;
    suspicion.suspects = suspicion.suspects.filter((suspect) => suspect !== accused.suspect);
  }
}

function giveUp(session: Session, suspect: Suspect, turn: Turn): void {
  if (suspect.purpose === 'restoring') {
    if (session.subscribing.subscriptions.has(suspect.filter)) {
      noteGivenUp(session, 'SUBSCRIBE', suspect.filter, 0, turn);
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
  const { topic, payload } = suspect;
  noteGivenUp(session, 'PUBLISH', topic, payload.length, turn);
  condemn(session, suspect, turn);
  if (session.attempt) {
    endExchange(session, suspect, turn); // before CONNACK nothing: its repetition is answered (C-1)
  } else {
    refusePublish(session, suspect, GIVEN_UP, turn);
  }
}

function noteGivenUp(
  session: Session,
  message: 'PUBLISH' | 'SUBSCRIBE' | 'UNSUBSCRIBE',
  topic: string,
  octets: number,
  turn: Turn,
): void {
  turn.note({ type: 'poison-given-up', ...where(session), message, topic, octets });
}
