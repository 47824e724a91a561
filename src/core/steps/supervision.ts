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

/** From when on the silence of a sleeper counts: its last message, or where its sleep was begun anew without one (I-20, I-64). */
export function silentSince({ lastHeard }: Session, { until, duration }: SleepState): Millis {
  return Math.max(lastHeard, until - duration);
}

/** How long nothing has been heard of a client, in seconds for the log: never more than it was, so that what was before the start does not count. */
export function silence({ heard, since, lastHeard }: Session, turn: Turn): string {
  return `${Math.floor((turn.now - (heard > 0 ? lastHeard : Math.max(lastHeard, since))) / 100) / 10} s`;
}

/** Its silence until now was none: it counts anew from here, wherever it is supervised (I-64). */
export function excuseSilence(session: Session, turn: Turn): void {
  const { sleep } = session;
  if (sleep && turn.deadlines.has(session, 'sleep')) {
    superviseSleep(session, sleep, turn.now, turn);
  } else if (sleep) {
    sleep.until = turn.now + sleep.duration; // awake, or in a CONNECT
  } else if (turn.deadlines.has(session, 'keep-alive')) {
    superviseActive(session, turn);
  }
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
