/**
 * Frames in: decoded, with the encapsulation of a forwarder taken off (2.16); then which message reaches which procedure, by the state of
 * the client that it comes from: the state/event matrix (2.15), row by row.
 */

import { type DecodeOptions, frameLength } from '../codec/decode.ts';
import { DecodeError } from '../codec/decode-error.ts';
import { LONG_FORM } from '../codec/frame-length.ts';
import type { Message } from '../codec/message.ts';
import { MSG_TYPE } from '../codec/message.ts';
import { areMessages, isDoubtful } from '../codec/message-extent.ts';
import type { FrameReceived, FrameUndelivered } from './contract/input.ts';
import type { Link } from './contract/link.ts';
import { receivePublish, receivePubRel } from './procedures/client-publish.ts';
import { receiveConnect } from './procedures/connect.ts';
import { receiveDisconnect } from './procedures/disconnect.ts';
import { receiveSearchGw } from './procedures/discovery.ts';
import { receivePubAck, receivePubComp, receivePubRec } from './procedures/gateway-publish-answers.ts';
import { receiveRegAck } from './procedures/gateway-register-answers.ts';
import { receivePingReq } from './procedures/ping.ts';
import { receiveQosMinusOne } from './procedures/qos-minus-one.ts';
import { receiveRegister } from './procedures/register.ts';
import { receiveSubscribe, receiveUnsubscribe } from './procedures/subscribe.ts';
import { refuseTooLong } from './procedures/too-long.ts';
import { answerUnknown, receiveUnknownDisconnect } from './procedures/unknown-senders.ts';
import { answeredWillAgain, receiveWillMsg, receiveWillTopic } from './procedures/will-dialogue.ts';
import { receiveWillMsgUpd, receiveWillTopicUpd } from './procedures/will-update.ts';
import { namedClientId } from './state/client-id-rule.ts';
import { V1_2 } from './state/dialect.ts';
import type { Path } from './state/path.ts';
import { directPath, forwardedPath, isPathOf, nodeKey } from './state/path.ts';
import { type Session, where } from './state/session.ts';
import { partDone } from './steps/parts.ts';
import { heardOf } from './steps/supervision.ts';
import type { Turn } from './steps/turn.ts';
import { ENCAPSULATION_HEADER } from './steps/turn.ts';

/**
 * One frame of a transport, with the forwarder encapsulation taken off (2.16). First the sender is found by its path, then its frame is
 * decoded, in the dialect of its session.
 */
export function receiveFrame(input: FrameReceived, turn: Turn): void {
  const { frame, peer } = input;
  try {
    if (turn.shared.transports.isTooLong(frame.length, peer.transport)) {
      receiveTooLong(input, turn); // T-43
    } else if (turn.settings.frames.trailing === 'parse') {
      receiveSeveral(input, turn);
    } else {
      receiveOne(input, frame, turn.shared.decoding, turn);
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) {
      throw error;
    }
    turn.note({ type: 'frame-dropped', link: input.link, reason: error.reason }); // 1.9: no state changes, no timer restarts
  }
}

/** Answered, where there is a code to refuse it; else only counted. */
function receiveTooLong({ link, peer, frame }: FrameReceived, turn: Turn): void {
  let sender = directPath(link, peer);
  let message = V1_2.decode(frame, EXACTLY);
  if (message.type === 'ENCAPSULATED' && turn.shared.transports.mayForward(peer)) {
    sender = forwardedPath(sender, message.wirelessNodeId);
    message = V1_2.decode(message.frame, EXACTLY);
  }
  const session = clientAt(sender, turn);
  if (session && !namesAnother(message, session, turn)) {
    heardOf(session, turn); // T-34
  }
  if (!refuseTooLong(sender, session, message, turn)) {
    turn.note({ type: 'frame-dropped', link: sender.key, reason: 'tooLong' });
  }
}

const EXACTLY: DecodeOptions = { trailing: 'drop', tolerateShortLength: false };

/** T-42: the messages of one frame, by their Length. One that may have been cut is believed only where whole messages follow it (I-47). */
function receiveSeveral(input: FrameReceived, turn: Turn): void {
  let believed = false;
  for (let rest = input.frame; ; partDone(turn)) {
    const length = Math.min(rest.length, frameLength(rest, EXACTLY));
    if (length < rest.length && !believed && isDoubtful(rest, 0)) {
      believed = areMessages(rest, length);
      if (!believed) {
        throw new DecodeError('trailing', `${rest.length - length} octets behind a message are none`);
      }
    }
    receiveOne(input, rest.subarray(0, length), EXACTLY, turn);
    rest = rest.subarray(length);
    if (rest.length === 0) {
      return;
    }
  }
}

function receiveOne({ link, peer }: FrameReceived, frame: Uint8Array, options: DecodeOptions, turn: Turn): void {
  const bound = turn.directory.byPath(link);
  const path = bound && isPathOf(bound.path, peer) ? bound.path : directPath(link, peer);
  const sender = ownSession(bound, peer.identity, turn);
  const message = (sender?.dialect ?? V1_2).decode(frame, options);
  if (message.type !== 'ENCAPSULATED') {
    receive(path, sender, message, turn);
  } else if (!turn.shared.transports.mayForward(peer)) {
    turn.note({ type: 'frame-dropped', link, reason: 'forwarder' }); // F-8
  } else {
    const node = forwardedPath(path, message.wirelessNodeId);
    const session = clientAt(node, turn);
    receive(node, session, (session?.dialect ?? V1_2).decode(message.frame, options), turn); // F-1 to F-3
  }
}

function clientAt({ key, identity }: Path, turn: Turn): Session | undefined {
  return ownSession(turn.directory.byPath(key), identity, turn);
}

/** I-117: a session is its identity's alone. Where its link is somebody else's now, nothing is sent there for it any more, and it ends by its deadlines. */
function ownSession(bound: Session | undefined, identity: string | undefined, turn: Turn): Session | undefined {
  if (bound === undefined || bound.owner === identity) {
    return bound;
  }
  turn.directory.unbind(bound);
  return undefined;
}

/** Nobody is lost by what a medium says (it may be wrong): it is noted, and told as the reason where the client never answers. */
export function frameUndelivered({ link, frame, reason }: FrameUndelivered, turn: Turn): void {
  const key = frame === undefined ? link : pathKeyOf(link, frame);
  const session = turn.directory.byPath(key);
  if (session) {
    session.undelivered = reason;
  }
  turn.note({ type: 'frame-undelivered', clientId: session?.clientId, link: key, reason });
}

/** The key of the path of a frame: of the node behind a forwarder where it is encapsulated. */
export function pathKeyOf(link: Link, frame: Uint8Array): string {
  const isCapsule = frame[0] !== LONG_FORM && frame[1] === MSG_TYPE.ENCAPSULATED;
  return isCapsule ? nodeKey(link, frame.subarray(ENCAPSULATION_HEADER, frame[0])) : link;
}

/** A decoded message from a path, and the session that is bound to it. */
function receive(path: Path, session: Session | undefined, message: Message, turn: Turn): void {
  if (session && !namesAnother(message, session, turn)) {
    heardOf(session, turn);
  }
  switch (message.type) {
    case 'SEARCHGW':
      receiveSearchGw(path, message, turn); // in every state
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
function namesAnother(message: Message, { clientId, owner }: Session, { shared }: Turn): boolean {
  if (message.type !== 'CONNECT' && message.type !== 'PINGREQ') {
    return false;
  }
  const named = namedClientId<unknown>(message, owner, shared.access?.settings);
  return named !== undefined && named !== clientId;
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
      answerUnknown(path, message.type, turn);
      return;
    case 'DISCONNECT':
      receiveUnknownDisconnect(path, message, turn);
      return;
    default:
      turn.note({ type: 'unknown-sender', link: path.key, message: message.type, answered: false });
  }
}
