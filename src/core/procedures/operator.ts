/** What the operator does to a client: it is sent away, or its session is forgotten. */

import type { Session } from '../state/session.ts';
import { dismiss } from '../steps/endings.ts';
import { forget } from '../steps/forgetting.ts';
import type { Turn } from '../steps/turn.ts';

const SENT_AWAY = 'the operator has sent it away';

/** Whether there is somebody to send away: connected, asleep, or about to connect. */
export function isThere(session: Session): boolean {
  return session.attempt !== undefined || (session.state !== 'disconnected' && session.state !== 'lost');
}

/** The client gets DISCONNECT, a sleeper too, and its session is as after a DISCONNECT of its own: no will. */
export function operatorDisconnected(clientId: string, turn: Turn): void {
  const session = turn.directory.byClientId(clientId);
  if (session && isThere(session)) {
    turn.current = session;
    dismiss(session, SENT_AWAY, turn);
  }
}

/** The session is gone, here and at the broker. */
export function operatorForgot(clientId: string, turn: Turn): void {
  const session = turn.directory.byClientId(clientId);
  if (session === undefined) {
    return;
  }
  turn.current = session;
  if (isThere(session)) {
    dismiss(session, SENT_AWAY, turn);
  }
  if (turn.directory.byClientId(clientId) === session) {
    turn.durable = true;
    forget(session, turn);
  }
}
