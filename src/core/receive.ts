/**
 * Which message reaches which procedure, by the state of the client that it comes from: the state/event matrix (2.15), row by row.
 */

import type { Message, MessageOf } from '../codec/message.ts';
import { receivePublish, receivePubRel } from './client-publish.ts';
import { mayComeFrom } from './connect-admission.ts';
import { receiveConnect } from './connect-procedure.ts';
import { receiveDisconnect } from './disconnect-procedure.ts';
import { receivePubAck, receivePubComp, receivePubRec, receiveRegAck } from './gateway-publish-answers.ts';
import type { Path } from './path.ts';
import { saveLater } from './persistence.ts';
import { receiveQosMinusOne } from './qos-minus-one.ts';
import { receiveRegister } from './register-procedure.ts';
import { type Session, where } from './session.ts';
import { pingWhileAwake, wake } from './sleep-procedure.ts';
import { receiveSubscribe, receiveUnsubscribe } from './subscribe-procedure.ts';
import type { Turn } from './turn.ts';
import {
  answeredWillAgain,
  receiveWillMsg,
  receiveWillMsgUpd,
  receiveWillTopic,
  receiveWillTopicUpd,
} from './will-procedure.ts';

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

/** K-2, T-34: any well-formed message is a sign of life. */
function heardOf(session: Session, turn: Turn): void {
  session.lastHeard = turn.now;
  session.heard++;
  session.undelivered = undefined;
  turn.current = session;
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

/** PINGREQ: keep-alive of an active client (K-1), or a sleeper that wakes, from wherever it is now (SL-4, T-08, T-09). */
function receivePingReq(path: Path, message: MessageOf<'PINGREQ'>, bound: Session | undefined, turn: Turn): void {
  const { clientId } = message;
  if (bound?.attempt) {
    turn.note({ type: 'message-ignored', ...where(bound), message: 'PINGREQ', reason: 'its CONNECT is not finished' }); // C-11
    return;
  }
  if (bound && (clientId === undefined || clientId === bound.clientId)) {
    answerPing(bound, turn);
    return;
  }
  const sleeper = typeof clientId === 'string' ? turn.directory.byClientId(clientId) : undefined;
  const sleeps = sleeper !== undefined && (sleeper.state === 'asleep' || sleeper.state === 'awake');
  if (!sleeps || bound?.state === 'active' || sleeper.attempt || !mayComeFrom(sleeper, path, turn)) {
    turn.shared.unknownSenders.answer(path, 'PINGREQ', turn); // T-09: never PINGRESP
    return;
  }
  if (bound) {
    turn.directory.unbind(bound); // another sleeper's former address; it may come back from anywhere itself
  }
  turn.note({ type: 'client-moved', clientId: sleeper.clientId, link: path.key, from: sleeper.path.key });
  turn.directory.bind(sleeper, path);
  saveLater(sleeper, turn);
  heardOf(sleeper, turn);
  answerPing(sleeper, turn);
}

function answerPing(session: Session, turn: Turn): void {
  if (session.state === 'asleep') {
    wake(session, turn);
  } else if (session.state === 'awake') {
    pingWhileAwake(session, turn);
  } else {
    turn.send(session, { type: 'PINGRESP' }); // K-8: never forwarded to the broker
  }
}
