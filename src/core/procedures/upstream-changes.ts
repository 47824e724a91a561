/** The connection of a client to the broker stands, is refused, or is lost (3.5). */

import { RETURN_CODE } from '../../codec/message.ts';
import type { UpstreamConnected, UpstreamLost, UpstreamRefused } from '../contract/input.ts';
import type { Millis } from '../contract/link.ts';
import type { Session } from '../state/session.ts';
import { connectionSettled, forgetConnection, retryLater } from '../steps/connection.ts';
import { dismiss } from '../steps/endings.ts';
import { endFarewell } from '../steps/farewell.ts';
import { connectReturnCode, refusalReason } from '../steps/return-codes.ts';
import type { Turn } from '../steps/turn.ts';
import { attemptRefused, attemptUpstreamDown, attemptUpstreamUp } from './connect-outcome.ts';
import { pump } from './gateway-publish.ts';
import { resumeUpstream } from './upstream-resume.ts';
import { willUpdateAccepted, willUpdateRefused } from './will-update.ts';

/** A connection that ends this soon, this often, is held by somebody else with the same client id (T-51). */
const SHORT_LIVED: Millis = 5_000;

const SHORT_LIVED_LIMIT = 3;

/** CONNACK(accepted) of the broker. */
export function upstreamConnected(session: Session, input: UpstreamConnected, turn: Turn): void {
  const { upstream } = session;
  upstream.stands(input, turn.now);
  upstream.redelivering = input.sessionPresent && session.attempt === undefined;
  connectionSettled(input.connection, turn);
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

/** CONNACK of the broker with a refusal. */
export function upstreamRefused(session: Session, input: UpstreamRefused, turn: Turn): void {
  session.upstream.madeNoSession();
  forgetConnection(session, turn);
  session.upstream.phase = 'closed';
  const reason = refusalReason(input.reasonCode);
  const returnCode = connectReturnCode(input.protocolVersion, input.reasonCode);
  if (session.attempt) {
    attemptRefused(session, session.attempt, { returnCode, reason }, turn);
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
  if (input.unsent) {
    upstream.madeNoSession();
  }
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

/** The grace time is over without a broker (3.5 item 4). */
export function graceOver(session: Session, turn: Turn): void {
  if (session.state === 'active') {
    dismiss(session, 'the broker cannot be reached', turn);
  }
}
