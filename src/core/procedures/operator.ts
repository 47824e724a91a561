/** What the operator does to a client: it is sent away, or its session is forgotten. */

import type { OperatorDisconnected, OperatorForgot } from '../contract/input.ts';
import { storeKey } from '../contract/stored-records.ts';
import { type Session, where } from '../state/session.ts';
import { dismiss } from '../steps/endings.ts';
import { endFarewell } from '../steps/farewell.ts';
import { forget } from '../steps/forgetting.ts';
import { isKeptAtBroker, leaveBehind } from '../steps/leftovers.ts';
import type { Turn } from '../steps/turn.ts';

const SENT_AWAY = 'the operator has sent it away';

/** Whether there is somebody to send away: connected, asleep, or about to connect. */
export function isThere(session: Session): boolean {
  return session.attempt !== undefined || (session.state !== 'disconnected' && session.state !== 'lost');
}

/** The client gets DISCONNECT, a sleeper too, and its session is as after a DISCONNECT of its own (X-5, X-6, I-102): no will. */
export function operatorDisconnected(input: OperatorDisconnected, turn: Turn): void {
  const session = turn.directory.byClientId(input.clientId);
  if (session && isThere(session)) {
    turn.current = session;
    dismiss(session, SENT_AWAY, turn);
    turn.durable = true;
  }
  answer(input, turn);
}

/**
 * The session is gone, here and at the broker (I-103): at once where it shares a connection or has ended with its own, else by a connection with
 * CleanSession, as soon as the broker can be reached.
 */
export function operatorForgot(input: OperatorForgot, turn: Turn): void {
  forgetClient(input.clientId, turn);
  answer(input, turn);
}

function forgetClient(clientId: string, turn: Turn): void {
  const session = turn.directory.byClientId(clientId);
  promiseGone(clientId, turn);
  if (session === undefined) {
    return;
  }
  turn.current = session;
  const isKept = isKeptAtBroker(session);
  if (isThere(session)) {
    dismiss(session, SENT_AWAY, turn);
  }
  endFarewell(session, turn);
  if (turn.directory.byClientId(clientId) === session) {
    forget(session, turn);
  }
  turn.note({ type: 'session-forgotten', ...where(session) });
  if (isKept) {
    leaveBehind(session, turn);
  }
}

/**
 * Nothing of the session comes back, nor of an earlier one that was erased without waiting for the disk: there is a write in any case, and what was
 * written before it is on the disk with it.
 */
function promiseGone(clientId: string, turn: Turn): void {
  turn.writes.push({ key: storeKey('session', clientId), record: undefined });
  turn.owners.add(clientId);
  turn.durable = true;
}

/** Whoever did it is told when it is done for good: behind what goes to the disk. */
function answer({ token, clientId }: OperatorDisconnected | OperatorForgot, turn: Turn): void {
  if (token !== undefined) {
    turn.emit({ type: 'tell-operator', token, problem: undefined, clientId });
  }
}
