/** The will of a lost client (K-3, SL-3, T-24). */

import type { Will } from '../contract/effect.ts';
import type { UpstreamAcknowledged } from '../contract/input.ts';
import type { Millis } from '../contract/units.ts';
import { WILL_IDS } from '../state/msg-id.ts';
import { type Session, where } from '../state/session.ts';
import { completeWill, type Farewell, isUntold } from '../state/will.ts';
import { grantedWill } from './access.ts';
import { publishTo } from './broker-packets.ts';
import { closeUpstream, openUpstream } from './connection.ts';
import { roomAtBroker } from './exchanges.ts';
import { forget } from './forgetting.ts';
import { offerRoom } from './giving-way.ts';
import type { Turn } from './turn.ts';

const WILL_ID_COUNT = 0x1_0000 - WILL_IDS;

/** How long the broker may take to accept the changed will of a lost client. */
const FAREWELL_LIMIT: Millis = 5_000;

const BROKEN = 'its will: the connection broke before the broker took the changed one';

/**
 * The client is lost: its will is published (K-3, SL-3). The broker does that when the connection ends without MQTT DISCONNECT; a will
 * that the broker does not hold (T-24) is published here first, and then the old one must not fire. Returns whether there is a will.
 */
export function publishWillOfLost(session: Session, turn: Turn): boolean {
  const will = completeWill(session.will);
  if (!isUntold(session) || session.upstream.phase !== 'up' || session.upstream.shared) {
    closeUpstream(session, false, turn);
    return will !== undefined;
  }
  if (will === undefined || grantedWill(session, will, turn) === undefined) {
    closeUpstream(session, true, turn); // W-3: deleted since the broker was told of it
    return false;
  }
  sayFarewell(session, will, turn);
  return true;
}

function sayFarewell(session: Session, will: Will, turn: Turn): void {
  if (will.qos === 0) {
    publishWill(session, will, 0, turn);
    closeUpstream(session, true, turn);
    return;
  }
  session.farewell = { purpose: 'farewell', packetId: 0, waiting: will };
  turn.deadlines.set(session, 'farewell', turn.now + FAREWELL_LIMIT);
  farewellInTurn(session, turn);
}

/** The will goes out where the broker takes one more publish (MQTT 5 Receive Maximum). */
export function farewellInTurn(session: Session, turn: Turn): void {
  const { farewell } = session;
  if (farewell?.waiting === undefined || roomAtBroker(session) <= 0) {
    return;
  }
  const will = farewell.waiting;
  farewell.waiting = undefined;
  farewell.packetId = will.qos === 2 ? takeWillId(session, farewell, turn) : session.upstream.takePacketId(farewell);
  publishWill(session, will, farewell.packetId, turn);
}

function takeWillId({ upstream }: Session, farewell: Farewell, turn: Turn): number {
  const packetId = WILL_IDS + (Math.floor(turn.shared.random() * WILL_ID_COUNT) % WILL_ID_COUNT);
  upstream.keepPacketId(packetId, farewell);
  return packetId;
}

/** `packetId` 0: with QoS 0. */
function publishWill(session: Session, { topic, message, qos, retain }: Will, packetId: number, turn: Turn): void {
  const publish = { packetId, topic, payload: message, qos: packetId === 0 ? 0 : qos, retain, dup: false } as const;
  publishTo(session.upstream, publish, turn);
}

/** A will that still waits: with QoS 0, of which the broker has set no bound, before the connection ends; told where that is gone (I-143). */
function publishAtLast(session: Session, will: Will, turn: Turn): void {
  if (session.upstream.phase === 'up') {
    publishWill(session, will, 0, turn);
    return;
  }
  const { topic, qos } = will;
  turn.note({ type: 'client-publish-dropped', ...where(session), topic, qos, reason: BROKEN });
}

/** The will is at the broker, or can't get there: the connection ends with MQTT DISCONNECT, and a CONNECT that waited goes on. */
export function endFarewell(session: Session, turn: Turn): void {
  if (!session.farewell) {
    return;
  }
  if (session.farewell.waiting) {
    publishAtLast(session, session.farewell.waiting, turn);
  }
  session.upstream.freePacketId(session.farewell.packetId);
  session.farewell = undefined;
  turn.deadlines.clear(session, 'farewell');
  const waits = session.attempt?.stage === 'upstream';
  closeUpstream(session, true, turn);
  if (waits) {
    openUpstream(session, turn);
  } else if (session.cleanSession && !session.attempt) {
    forget(session, turn); // S-5
  } else {
    offerRoom(session, turn);
  }
}

/** The broker's answer to the will. PUBREL is sent at once: the client has nothing to say to it. */
export function farewellAcknowledged(session: Session, input: UpstreamAcknowledged, turn: Turn): void {
  if (input.packet === 'PUBREC' && input.reasonCode < 0x80) {
    turn.emit({ type: 'upstream-release', connection: input.connection, packetId: input.packetId });
  } else {
    endFarewell(session, turn);
  }
}
