/**
 * One client's connection to the broker, as the core sees it (transparent gateway, A-1; 3.5): opened for a CONNECT, opened again with
 * back-off when it breaks, closed with or without MQTT DISCONNECT.
 */

import { RETURN_CODE } from '../codec/message.ts';
import { resumeClientPublishes } from './client-publish.ts';
import { attemptRefused, attemptUpstreamDown, attemptUpstreamUp } from './connect-procedure.ts';
import { dismiss } from './disconnect-procedure.ts';
import { noteDropped } from './gateway-connection.ts';
import { brokerSessionLost, pump } from './gateway-publish.ts';
import type { UpstreamConnected, UpstreamLost, UpstreamRefused } from './input.ts';
import type { Millis } from './link.ts';
import { publishSize } from './packet-size.ts';
import { connectReturnCode, refusalReason } from './return-codes.ts';
import type { WaitingPublish } from './state/offline-queue.ts';
import type { Session } from './state/session.ts';
import { completeWill } from './state/will.ts';
import { resumeRequests } from './subscribe-procedure.ts';
import { restoreSubscriptions } from './subscription-restore.ts';
import type { Turn } from './turn.ts';
import { endFarewell, willUpdateAccepted, willUpdateRefused } from './will-procedure.ts';

/** A connection that ends this soon, this often, is held by somebody else with the same client id (T-51). */
const SHORT_LIVED: Millis = 5_000;

const SHORT_LIVED_LIMIT = 3;

/** A packet id that nothing of this client uses. There are more of them than a client may have requests under way. */
export function takePacketId(session: Session): number {
  const { packetIds, usedPacketIds } = session.upstream;
  const packetId = packetIds.next((id) => usedPacketIds.has(id));
  if (packetId === undefined) {
    throw new Error('no packet id is free');
  }
  usedPacketIds.add(packetId);
  return packetId;
}

export function freePacketId(session: Session, packetId: number): void {
  session.upstream.usedPacketIds.delete(packetId);
}

/** Pause before attempt number `attempts` + 1: exponential, with jitter so that a thousand clients do not come at once (3.5 item 1). */
export function reconnectDelay(attempts: number, turn: Turn): Millis {
  const { reconnectMin, reconnectMax } = turn.settings;
  const delay = Math.min(reconnectMax, reconnectMin * 2 ** Math.min(attempts, 30));
  return Math.round(delay * (0.5 + turn.shared.random() / 2));
}

/** Opens the connection. The will goes with it, so from now on the broker holds the current one (S-3, T-24). */
export function openUpstream(session: Session, cleanSession: boolean, turn: Turn): void {
  const { upstream } = session;
  if (session.farewell) {
    upstream.phase = 'waiting'; // T-24: the changed will goes out first
    return;
  }
  if (!turn.shared.pacing.admits(session)) {
    upstream.phase = 'queued';
    return;
  }
  upstream.phase = 'connecting';
  upstream.connection = turn.shared.nextConnection();
  turn.shared.pacing.started(upstream.connection);
  turn.directory.attach(upstream.connection, session);
  const stored = session.attempt?.will ?? session.will;
  stored.changed = false;
  const will = completeWill(stored);
  turn.emit({
    type: 'upstream-connect',
    connection: upstream.connection,
    clientId: session.clientId,
    cleanSession,
    will,
  });
}

/** Ends the connection where there is one, and every wait for one. `disconnect`: with MQTT DISCONNECT, so that no will fires (T-52). */
export function closeUpstream(session: Session, disconnect: boolean, turn: Turn): void {
  const { upstream } = session;
  if (session.farewell) {
    return; // T-24: it ends with the will
  }
  turn.deadlines.clear(session, 'reconnect');
  turn.deadlines.clear(session, 'grace');
  turn.shared.pacing.forget(session);
  if (upstream.connection !== 0) {
    turn.emit({ type: 'upstream-close', connection: upstream.connection, disconnect });
    forgetConnection(session, turn);
  }
  upstream.phase = 'closed';
  upstream.attempts = 0;
  upstream.shortLived = 0;
  for (const publish of turn.shared.offline.drain(session)) {
    noteDropped(publish, 'the client left before the broker was back', turn);
  }
}

/** One connection less is being made: the next session in line gets its turn. */
function connectionSettled(connection: number, turn: Turn): void {
  const next = turn.shared.pacing.done(connection);
  if (next?.upstream.phase === 'queued') {
    reconnectDue(next, turn);
  }
}

function forgetConnection(session: Session, turn: Turn): void {
  turn.directory.detach(session.upstream.connection);
  turn.shared.discovery.upstreamClosed(session.upstream.connection);
  const { connection } = session.upstream;
  session.upstream.connection = 0;
  connectionSettled(connection, turn);
}

/** CONNACK(accepted) of the broker. */
export function upstreamConnected(session: Session, input: UpstreamConnected, turn: Turn): void {
  const { upstream } = session;
  upstream.phase = 'up';
  connectionSettled(input.connection, turn);
  upstream.attempts = 0;
  upstream.upSince = turn.now;
  upstream.redelivering = input.sessionPresent && session.attempt === undefined;
  upstream.pings = 0;
  upstream.receiveMaximum = input.receiveMaximum ?? 0xffff;
  upstream.maximumPacketSize = input.maximumPacketSize ?? Number.POSITIVE_INFINITY;
  turn.deadlines.clear(session, 'grace');
  turn.note({ type: 'upstream-up', clientId: session.clientId, sessionPresent: input.sessionPresent });
  if (session.attempt) {
    attemptUpstreamUp(session, session.attempt, input.sessionPresent, turn);
    return;
  }
  if (willUpdateAccepted(session, turn)) {
    return;
  }
  resumeUpstream(session, input.sessionPresent, turn);
}

/**
 * The connection stands (again): what waits for the broker goes out, in order, subscriptions first, so that a client that is subscribed
 * to what it publishes misses nothing (3.5 item 6). True where the broker has to grant subscriptions that it had lost.
 */
export function resumeUpstream(session: Session, sessionPresent: boolean, turn: Turn): boolean {
  if (!sessionPresent) {
    brokerSessionLost(session, turn);
  }
  const restoring = restoreSubscriptions(session, sessionPresent, turn);
  resumeClientPublishes(session, sessionPresent, turn);
  for (const publish of turn.shared.offline.drain(session)) {
    publishWaiting(session, publish, turn);
  }
  resumeRequests(session, turn);
  return restoring;
}

/** A QoS 0 publish that waited for the connection. */
function publishWaiting(session: Session, publish: WaitingPublish, turn: Turn): void {
  const { connection, maximumPacketSize } = session.upstream;
  const { topic, payload, retain } = publish;
  if (publishSize(publish, 0) > maximumPacketSize) {
    noteDropped(publish, 'it is too long for the broker', turn);
  } else {
    turn.emit({ type: 'upstream-publish', connection, packetId: 0, topic, payload, qos: 0, retain, dup: false });
  }
}

/** CONNACK of the broker with a refusal. */
export function upstreamRefused(session: Session, input: UpstreamRefused, turn: Turn): void {
  forgetConnection(session, turn);
  session.upstream.phase = 'closed';
  const reason = refusalReason(input.reasonCode);
  const returnCode = connectReturnCode(input.protocolVersion, input.reasonCode);
  if (session.attempt) {
    attemptRefused(session, session.attempt, returnCode, reason, turn);
    return;
  }
  const triedWill = willUpdateRefused(session, turn);
  // a refusal for good: the client learns it by its next CONNECT; a sleeper sleeps on
  if (returnCode === RETURN_CODE.notSupported && session.state === 'active' && !triedWill) {
    dismiss(session, reason, turn);
  } else {
    retryLater(session, reason, turn);
  }
}

/** The connection could not be made, or broke. */
export function upstreamLost(session: Session, input: UpstreamLost, turn: Turn): void {
  const { upstream } = session;
  const stood = upstream.phase === 'up';
  forgetConnection(session, turn);
  upstream.phase = 'closed';
  if (session.farewell) {
    endFarewell(session, turn);
    return;
  }
  if (stood) {
    upstream.downSince = turn.now;
  }
  // an attempt that fails in between tells that the broker was away, not that somebody else has the client id
  const short = stood && !input.ours && turn.now - upstream.upSince < SHORT_LIVED;
  upstream.shortLived = short ? upstream.shortLived + 1 : 0;
  if (session.attempt && attemptUpstreamDown(session, session.attempt, input.reason, turn)) {
    return;
  }
  if (input.takenOver || upstream.shortLived >= SHORT_LIVED_LIMIT) {
    turn.note({ type: 'upstream-down', clientId: session.clientId, reason: input.reason, retryIn: undefined });
    dismiss(session, 'its client id connected to the broker elsewhere', turn); // 3.5 item 8, T-51
    return;
  }
  retryLater(session, input.reason, turn);
  if (session.state === 'awake') {
    pump(session, turn); // nothing more comes in this awake period
  }
}

/** Tries again after a pause; an active client is kept for the grace time meanwhile, a sleeper as long as it sleeps (3.5 items 3 to 5). */
export function retryLater(session: Session, reason: string, turn: Turn): void {
  const { upstream } = session;
  upstream.phase = 'waiting';
  const retryIn = reconnectDelay(upstream.attempts++, turn);
  turn.deadlines.set(session, 'reconnect', turn.now + retryIn);
  if (session.state === 'active' && !session.timers.has('grace')) {
    turn.deadlines.set(session, 'grace', turn.now + turn.settings.upstreamGrace);
  }
  turn.note({ type: 'upstream-down', clientId: session.clientId, reason, retryIn });
}

/** The pause is over. A session of 3.1.1 that was opened clean is opened clean again and subscribed anew (3.5 item 6). */
export function reconnectDue(session: Session, turn: Turn): void {
  openUpstream(session, session.attempt?.cleanSession ?? session.cleanSession, turn);
}

/** The grace time is over without a broker (3.5 item 4). */
export function graceOver(session: Session, turn: Turn): void {
  if (session.state === 'active') {
    dismiss(session, 'the broker cannot be reached', turn);
  }
}
