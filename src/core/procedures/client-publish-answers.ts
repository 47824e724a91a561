/**
 * What the broker answers to a client's PUBLISH (6.6, 3.3, 3.6). The client hears of it where it waits for it; an exchange that it has left for
 * another message, or that was let go, comes to its end without it (T-18).
 */

import { RETURN_CODE } from '../../codec/message.ts';
import type { UpstreamAcknowledged } from '../contract/input.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import { type Session, where } from '../state/session.ts';
import { answerOutOfStep, brokerWithoutQos2 } from '../steps/broker-faults.ts';
import {
  endExchange,
  forward,
  forwardWaiting,
  isAwaited,
  refusePublish,
  release,
  releaseUnasked,
} from '../steps/exchanges.ts';
import { condemn, remember } from '../steps/finished-publishes.ts';
import { saveExchange } from '../steps/persistence.ts';
import { PACKET_ID_IN_USE, PACKET_ID_TRIES, PAYLOAD_FORMAT_INVALID, publishReturnCode } from '../steps/return-codes.ts';
import type { Turn } from '../steps/turn.ts';
import { awaitPubRel } from '../steps/unreleased-publishes.ts';
import { refusedBy } from '../steps/witness.ts';

const { accepted } = RETURN_CODE;

/** PUBACK, PUBREC or PUBCOMP of the broker for a client's PUBLISH. One that does not fit ends nothing (I-34). */
export function clientPublishAcknowledged(
  session: Session,
  exchange: Exchange,
  input: UpstreamAcknowledged,
  turn: Turn,
): void {
  const { packet, reasonCode } = input;
  if (exchange.sentOn !== input.connection) {
    answerOutOfStep(where(session), packet, turn); // it has not been sent
  } else if (packet === 'PUBCOMP') {
    if (!exchange.releaseSent) {
      answerOutOfStep(where(session), packet, turn);
    } else if (exchange.role === 'current' && !exchange.released) {
      leftWithClient(session, exchange, turn); // I-80
    } else {
      endWithClient(session, exchange, turn);
    }
  } else if (exchange.received) {
    answerOutOfStep(where(session), packet, turn);
    if (packet === 'PUBREC' && exchange.releaseSent) {
      release(session, exchange, turn); // it asks for PUBREL once more
    }
  } else {
    firstAnswer(session, exchange, input, reasonCode, turn);
  }
}

/** The broker takes the message, or refuses it. */
function firstAnswer(
  session: Session,
  exchange: Exchange,
  { packet, unreachable }: UpstreamAcknowledged,
  reasonCode: number,
  turn: Turn,
): void {
  if (reasonCode === PACKET_ID_IN_USE && exchange.packetIdsRefused < PACKET_ID_TRIES) {
    changePacketId(session, exchange, turn);
    return;
  }
  const returnCode = publishReturnCode(reasonCode);
  if (returnCode !== accepted) {
    if (reasonCode === PAYLOAD_FORMAT_INVALID && !isAwaited(exchange)) {
      condemn(session, exchange, turn); // nobody hears of it, and the repetition may go another way (I-158)
    }
    // 3.6: PUBREC has no code towards the client, PUBACK has; the same MsgId may be tried again
    refusePublish(session, exchange, { returnCode, reason: refusedBy(unreachable) }, turn);
    forwardWaiting(session, turn);
    return;
  }
  if (exchange.qos === 1) {
    if (packet === 'PUBREC') {
      answerOutOfStep(where(session), packet, turn); // accepted all the same, and the broker waits for PUBREL (I-34)
      release(session, exchange, turn);
    }
    endWithClient(session, exchange, turn); // P-7
    return;
  }
  exchange.received = true;
  exchange.receivedAt ??= turn.now;
  if (packet === 'PUBACK') {
    settled(session, exchange, turn);
  } else {
    brokerReceived(session, exchange, turn);
  }
}

/** 3.6, 0x91: the same message under the next packet id. */
function changePacketId(session: Session, exchange: Exchange, turn: Turn): void {
  const refused = exchange.packetId;
  exchange.packetId = session.upstream.takePacketId(exchange);
  session.upstream.freePacketId(refused);
  exchange.packetIdsRefused++;
  exchange.sent = false;
  saveExchange(session, exchange, turn);
  forward(session, exchange, turn);
}

/** QoS 2: PUBREC. */
function brokerReceived(session: Session, exchange: Exchange, turn: Turn): void {
  if (exchange.released || exchange.role !== 'current') {
    releaseUnasked(session, exchange, turn);
  } else {
    awaitPubRel(session, turn);
  }
  tellReceived(session, exchange, turn);
}

/** QoS 2: PUBACK. This broker knows no QoS 2; it has the message, and waits for nothing more (I-35). */
function settled(session: Session, exchange: Exchange, turn: Turn): void {
  brokerWithoutQos2(turn);
  if (exchange.released || exchange.role !== 'current') {
    endWithClient(session, exchange, turn);
  } else {
    leftWithClient(session, exchange, turn);
  }
}

/** QoS 2: the broker has given its last answer, and PUBREL of the client is still to come, or not (T-18). */
function leftWithClient(session: Session, exchange: Exchange, turn: Turn): void {
  session.upstream.freePacketId(exchange.packetId);
  exchange.packetId = 0;
  exchange.releaseSent = false; // nothing is to be repeated
  saveExchange(session, exchange, turn);
  awaitPubRel(session, turn);
  tellReceived(session, exchange, turn);
  forwardWaiting(session, turn);
}

function tellReceived(session: Session, exchange: Exchange, turn: Turn): void {
  if (isAwaited(exchange) && (!exchange.told || exchange.askedAgain)) {
    exchange.told = true;
    exchange.askedAgain = false;
    turn.send(session, { type: 'PUBREC', msgId: exchange.msgId });
  }
}

/** The last answer: PUBACK or PUBCOMP. */
export function endWithClient(session: Session, exchange: Exchange, turn: Turn): void {
  endExchange(session, exchange, turn);
  forwardWaiting(session, turn);
  if (exchange.role === 'let-go') {
    return; // remembered already
  }
  remember(session, exchange, turn);
  if (!isAwaited(exchange)) {
    return;
  }
  const { qos, topicId, msgId, begunAt } = exchange;
  if (begunAt !== undefined) {
    turn.shared.latencies.published[qos].record(turn.now - begunAt);
  }
  if (qos === 1) {
    turn.send(session, { type: 'PUBACK', topicId, msgId, returnCode: accepted });
  } else {
    turn.send(session, { type: 'PUBCOMP', msgId });
  }
}
