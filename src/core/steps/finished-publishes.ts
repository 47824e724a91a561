/**
 * What is remembered of a client's publishes that have ended with it, so that a repetition never becomes a second message (3.3, T-18): the
 * last ones as long as a client repeats; those that were let go without its PUBREL without a limit of time, on disk too.
 */

import type { Publish } from '../../codec/message.ts';
import type { Millis } from '../contract/link.ts';
import type { Exchange, FinishedPublish } from '../state/client-publish-state.ts';
import { digestOf, sameDigest } from '../state/payload-digest.ts';
import type { Session } from '../state/session.ts';
import { forgetLetGo, saveExchange, saveLetGo } from './persistence.ts';
import { restLater } from './rest.ts';
import type { Turn } from './turn.ts';

/** Exchanges that are remembered for each client, of either kind. */
const REMEMBERED = 16;

/** An exchange is over. */
export function remember(session: Session, exchange: Exchange, turn: Turn): void {
  const until = turn.now + turn.retryWindow(session.path);
  add(session.inbound.finished, finishedOf(exchange, until));
  restLater(session, until, turn);
}

/** An exchange is over for the client, which has had PUBREC and has not said PUBREL. */
export function rememberLetGo(session: Session, exchange: Exchange, turn: Turn): void {
  const finished = finishedOf(exchange, Number.POSITIVE_INFINITY);
  const oldest = add(session.inbound.letGo, finished);
  if (oldest) {
    forgetLetGo(session, oldest, turn);
  }
  saveLetGo(session, finished, turn, exchange.packetId === 0);
}

/** The client has said PUBREL after all, or has another message under this MsgId: it repeats the old one for a while at most. */
export function letGoIsOver(session: Session, msgId: number, turn: Turn): void {
  const { finished, letGo } = session.inbound;
  for (let at = letGo.length - 1; at >= 0; at--) {
    const known = letGo[at];
    if (known?.msgId !== msgId) {
      continue;
    }
    letGo.splice(at, 1);
    forgetLetGo(session, known, turn);
    const until = turn.now + turn.retryWindow(session.path);
    add(finished, { ...known, until });
    restLater(session, until, turn);
  }
}

/** The client says PUBREL after all, before the broker's last answer: the exchange is the client's again, which waits for PUBCOMP (I-60). */
export function takeBack(session: Session, msgId: number, turn: Turn): Exchange | undefined {
  const { exchanges, byMsgId, letGo } = session.inbound;
  if (letGo.length === 0) {
    return undefined;
  }
  for (const exchange of exchanges) {
    const at = letGo.findIndex(({ number }) => number === exchange.number);
    const known = letGo[at];
    if (known?.msgId === msgId) {
      letGo.splice(at, 1);
      forgetLetGo(session, known, turn);
      exchange.role = 'current';
      exchange.told = true; // else there would be no PUBREL
      byMsgId.set(msgId, exchange);
      saveExchange(session, exchange, turn);
      return exchange;
    }
  }
  return undefined;
}

/** Whether a PUBLISH with DUP repeats one that has ended. */
export function repeatsFinished(session: Session, message: Publish, topic: string, turn: Turn): boolean {
  const { finished, letGo } = session.inbound;
  return isAmong(finished, message, topic, turn.now) || isAmong(letGo, message, topic, turn.now);
}

/** The broker closes the connection on it: it was given up (I-42). */
export function condemn(session: Session, exchange: Exchange, turn: Turn): void {
  add(session.upstream.suspicion.condemned, finishedOf(exchange, turn.now + turn.retryWindow(session.path)));
}

/** Whether a PUBLISH is one that was given up: with DUP whenever it comes, without as long as a client repeats. */
export function isCondemned(session: Session, message: Publish, topic: string, turn: Turn): boolean {
  const now = message.dup ? Number.NEGATIVE_INFINITY : turn.now;
  return isAmong(session.upstream.suspicion.condemned, message, topic, now);
}

/** By the same pre-defined id, which may mean another topic by now (I-114). */
export function isNamedAlike(known: { readonly predefinedId: number | undefined }, message: Publish): boolean {
  return message.topicIdType === 'predefined' && message.topicId === known.predefinedId;
}

function isAmong(known: readonly FinishedPublish[], message: Publish, topic: string, now: Millis): boolean {
  const { msgId, qos, retain, data } = message;
  for (const finished of known) {
    if (
      finished.msgId === msgId &&
      finished.qos === qos &&
      finished.retain === retain &&
      (finished.topic === topic || isNamedAlike(finished, message)) &&
      finished.digest.octets === data.length &&
      now <= finished.until &&
      sameDigest(finished.digest, digestOf(data))
    ) {
      return true;
    }
  }
  return false;
}

function finishedOf(exchange: Exchange, until: Millis): FinishedPublish {
  const { number, msgId, qos, predefinedId, topic, retain, payload } = exchange;
  return { number, msgId, qos, predefinedId, topic, retain, digest: digestOf(payload), until, stored: false };
}

/** Returns the one that has to go for it. */
function add(list: FinishedPublish[], finished: FinishedPublish): FinishedPublish | undefined {
  const oldest = list.length >= REMEMBERED ? list.shift() : undefined;
  list.push(finished);
  return oldest;
}
