/** How long nothing may be heard of a client (6.11, 6.14; K-4, T-33). */

import type { Millis } from '../contract/link.ts';
import type { Session } from '../state/session.ts';
import type { SleepState } from '../state/sleep-state.ts';
import { leaveOwnSession } from './leftovers.ts';
import type { Turn } from './turn.ts';

/**
 * How long nothing may be heard of a client that promised a sign of life every `duration` ms (keep-alive or sleep): K-4, T-33.
 * The result is monotonic and never below the example of §7.2 (+50 % up to a minute, +10 % above).
 */
export function supervisionLimit(duration: Millis): Millis {
  return duration <= 60_000 ? duration * 1.5 : Math.max((duration * 11) / 10, 90_000);
}

/** From CONNACK on (C-10). */
export function superviseActive(session: Session, turn: Turn): void {
  session.probes = 0;
  turn.deadlines.set(session, 'keep-alive', turn.now + silenceAllowed(session, turn));
}

export function silenceAllowed(session: Session, turn: Turn): Millis {
  return session.keepAlive > 0 ? supervisionLimit(session.keepAlive) : turn.settings.timing.idleProbeAfter; // K-4, K-7
}

export function superviseSleep(session: Session, sleep: SleepState, since: Millis, turn: Turn): void {
  sleep.until = since + sleep.duration;
  turn.deadlines.set(session, 'sleep', since + supervisionLimit(sleep.duration));
}

/** How long nothing has been heard of a client, in seconds for the log: never more than it was. */
export function silence(session: Session, turn: Turn): string {
  return `${Math.floor((turn.now - session.lastHeard) / 100) / 10} s`;
}

/** K-2, T-34: any well-formed message is a sign of life. */
export function heardOf(session: Session, turn: Turn): void {
  session.lastHeard = turn.now;
  session.heard++;
  session.undelivered = undefined;
  turn.current = session;
  if (session.upstream.ownSince !== undefined && session.attempt === undefined) {
    leaveOwnSession(session, turn); // I-158
  }
}
