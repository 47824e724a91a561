/**
 * Poison (3.5 item 8, I-42): something that the broker answers by closing the connection. It would come again with every connection, before
 * everything else; it is found out, refused to the client, and what comes behind it goes on.
 */

import { RETURN_CODE } from '../../codec/message.ts';
import type { UpstreamLost } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import { type Session, where } from '../state/session.ts';
import { SHORT_LIVED, type Suspect } from '../state/suspicion.ts';
import { endExchange } from '../steps/exchanges.ts';
import { saveLater } from '../steps/persistence.ts';
import { type Refusal, reject } from '../steps/rejection.ts';
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

/** For so long after a short-lived connection on which nothing was out, breaks have a cause of their own: another client of this id, or the way. */
const BREAKS_WITHOUT_CAUSE: Millis = 5 * 60_000;

/** A connection that stood broke: what was out on it is suspected, or accused. True where it broke on a packet that was out alone. */
export function suspectUnanswered(
  session: Session,
  { ours, takenOver, reasonCode }: UpstreamLost,
  turn: Turn,
): boolean {
  const { upstream } = session;
  const { suspicion, upSince: since } = upstream;
  const { probe } = suspicion;
  suspicion.probe = undefined;
  turn.deadlines.clear(session, 'probe');
  if (ours || takenOver || (reasonCode !== undefined && OF_NO_PACKET.has(reasonCode))) {
    return false;
  }
  const named = reasonCode !== undefined && OF_A_PACKET.has(reasonCode);
  const out = upstream.unanswered();
  if (out.length === 0 && !upstream.qos0Out && turn.now - since < SHORT_LIVED) {
    suspicion.brokeIdleAt = turn.now;
  }
  if (probe && (named || provesSomething(probe, suspicion.brokeIdleAt, turn))) {
    suspicion.accused = { suspect: probe, since, named };
    return true;
  }
  suspicion.suspects = [...new Set([...out, ...suspicion.suspects])];
  const [alone] = out;
  if (named && alone && out.length === 1 && !upstream.qos0Out) {
    suspicion.accused = { suspect: alone, since, named };
    return true;
  }
  return false;
}

function provesSomething(probe: Suspect, brokeIdleAt: Millis | undefined, { now }: Turn): boolean {
  if (probe.purpose === 'exchange' && probe.told) {
    return false; // the broker has taken it once, and the client has PUBREC (3.3)
  }
  return brokeIdleAt === undefined || now - brokeIdleAt > BREAKS_WITHOUT_CAUSE;
}

/** The next connection stands. By now it is known whether the own connection fell as well: then nothing was wrong with the packet. */
export function judge(session: Session, turn: Turn): void {
  const { suspicion } = session.upstream;
  const { accused } = suspicion;
  suspicion.accused = undefined;
  if (accused && (accused.named || ownStoodSince(accused.since, turn))) {
    giveUp(session, accused.suspect, turn);
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
  const { topic, payload, topicId, msgId } = suspect;
  noteGivenUp(session, 'PUBLISH', topic, payload.length, turn);
  endExchange(session, suspect, turn);
  session.upstream.suspicion.condemned = { exchange: suspect, until: turn.now + turn.retryWindow(session.path) };
  if (!session.attempt) {
    reject(session, { type: 'PUBLISH', topicId, msgId }, GIVEN_UP, turn); // before CONNACK nothing: its repetition is answered (C-1)
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
