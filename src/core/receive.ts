/**
 * Which message reaches which procedure, by the state of the client that it comes from: the state/event matrix of 2.15, row by row.
 */

import type { Message } from '../codec/message.ts';
import { receivePublish, receivePubRel } from './procedures/client-publish.ts';
import { receiveConnect } from './procedures/connect.ts';
import { receiveDisconnect } from './procedures/disconnect.ts';
import { receivePubAck, receivePubComp, receivePubRec, receiveRegAck } from './procedures/gateway-publish-answers.ts';
import { receivePingReq } from './procedures/ping.ts';
import { receiveQosMinusOne } from './procedures/qos-minus-one.ts';
import { receiveRegister } from './procedures/register.ts';
import { receiveSubscribe, receiveUnsubscribe } from './procedures/subscribe.ts';
import { answeredWillAgain, receiveWillMsg, receiveWillTopic } from './procedures/will-dialogue.ts';
import { receiveWillMsgUpd, receiveWillTopicUpd } from './procedures/will-update.ts';
import type { Path } from './state/path.ts';
import { type Session, where } from './state/session.ts';
import { heardOf } from './steps/supervision.ts';
import type { Turn } from './steps/turn.ts';

/** A decoded message from a path. */
export function receive(path: Path, message: Message, turn: Turn): void {
  const session = turn.directory.byPath(path.key);
  if (session && !namesAnother(message, session)) {
    heardOf(session, turn);
  }
  switch (message.type) {
    case 'SEARCHGW':
      turn.shared.discovery.receiveSearchGw(path, message, turn); // in every state
      return;
    case 'CONNECT':
      receiveConnect(path, message, turn);
      return;
    case 'ADVERTISE':
    case 'GWINFO':
      return; // D-14: of other gateways, or of clients to clients
    case 'ENCAPSULATED':
      turn.note({ type: 'frame-dropped', link: path.key, reason: 'nested' }); // F-7
      return;
  }
  if (session) {
    if ((message.type === 'WILLTOPIC' || message.type === 'WILLMSG') && answeredWillAgain(session, message, turn)) {
      return;
    }
    session.accepted = undefined; // T-03 a: another message since CONNACK
  }
  if (message.type === 'PUBLISH' && message.qos === -1) {
    receiveQosMinusOne(path, message, session, turn);
  } else if (message.type === 'PINGREQ') {
    receivePingReq(path, message, session, turn);
  } else if (session) {
    receiveFromClient(session, message, turn);
  } else {
    receiveFromUnknown(path, message, turn);
  }
}

/** A message that says itself that it is not of the client that was at its address before (T-50, T-08). */
function namesAnother(message: Message, session: Session): boolean {
  return (
    (message.type === 'CONNECT' || message.type === 'PINGREQ') &&
    message.clientId !== undefined &&
    message.clientId !== session.clientId
  );
}

type ClientMessage = Exclude<
  Message,
  { type: 'SEARCHGW' | 'CONNECT' | 'ADVERTISE' | 'GWINFO' | 'ENCAPSULATED' | 'PINGREQ' }
>;

/** The columns Connecting, Active, Asleep and Awake. Requests of a sleeper are served, and its state stays (SL-14). */
function receiveFromClient(session: Session, message: ClientMessage, turn: Turn): void {
  switch (message.type) {
    case 'WILLTOPIC':
      receiveWillTopic(session, message, turn);
      return;
    case 'WILLMSG':
      receiveWillMsg(session, message, turn);
      return;
    case 'DISCONNECT':
      receiveDisconnect(session, message, turn);
      return;
  }
  if (session.attempt) {
    turn.note({
      type: 'message-ignored',
      ...where(session),
      message: message.type,
      reason: 'its CONNECT is not finished',
    }); // C-11
    return;
  }
  switch (message.type) {
    case 'PUBLISH':
      receivePublish(session, message, turn);
      return;
    case 'PUBREL':
      receivePubRel(session, message, turn);
      return;
    case 'PUBACK':
      receivePubAck(session, message, turn);
      return;
    case 'PUBREC':
      receivePubRec(session, message, turn);
      return;
    case 'PUBCOMP':
      receivePubComp(session, message, turn);
      return;
    case 'REGISTER':
      receiveRegister(session, message, turn);
      return;
    case 'REGACK':
      receiveRegAck(session, message, turn);
      return;
    case 'SUBSCRIBE':
      receiveSubscribe(session, message, turn);
      return;
    case 'UNSUBSCRIBE':
      receiveUnsubscribe(session, message, turn);
      return;
    case 'WILLTOPICUPD':
      receiveWillTopicUpd(session, message, turn);
      return;
    case 'WILLMSGUPD':
      receiveWillMsgUpd(session, message, turn);
      return;
    case 'PINGRESP':
      session.probes = 0; // K-5: that it came is all it says
      return;
    default:
      turn.note({
        type: 'message-ignored',
        ...where(session),
        message: message.type,
        reason: 'only a gateway sends it',
      });
  }
}

/** The column Unknown: DISCONNECT for what needs a session (T-10), nothing for answers to nobody. */
function receiveFromUnknown(path: Path, message: ClientMessage, turn: Turn): void {
  switch (message.type) {
    case 'WILLTOPIC':
    case 'WILLMSG':
    case 'REGISTER':
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
    case 'WILLTOPICUPD':
    case 'WILLMSGUPD':
    case 'PUBLISH':
      turn.shared.unknownSenders.answer(path, message.type, turn);
      return;
    case 'DISCONNECT':
      turn.shared.unknownSenders.receiveDisconnect(path, message, turn);
      return;
    default:
      turn.note({ type: 'unknown-sender', link: path.key, message: message.type, answered: false });
  }
}
