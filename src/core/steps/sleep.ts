/** The awake period of a sleeping client (6.14): how long it goes on, and how it ends. */

import type { Millis } from '../contract/link.ts';
import { type Session, where } from '../state/session.ts';
import type { SleepState } from '../state/sleep-state.ts';
import { isAttemptPending } from './connection.ts';
import { dismiss } from './endings.ts';
import { parkDeliveries } from './outstanding.ts';
import { saveLater } from './persistence.ts';
import { silentSince, superviseSleep } from './supervision.ts';
import type { Turn } from './turn.ts';
import { askBroker, UNREACHABLE } from './witness.ts';

/** A CONNECT under way is supervised by its own timers, and what is out waits for CONNACK (2.15, Connecting). */
export function suspendSleep(session: Session, turn: Turn): void {
  parkDeliveries(session, turn);
  turn.deadlines.clear(session, 'sleep');
  turn.deadlines.clear(session, 'awake');
}

/** The CONNECT came to nothing: the client sleeps on, supervised from its last message. */
export function resumeSleep(session: Session, turn: Turn): void {
  if (!session.sleep) {
    return;
  }
  parkDeliveries(session, turn);
  rest(session, session.sleep, silentSince(session, session.sleep), 'its CONNECT came to nothing', turn);
}

/** It sleeps again, supervised from `since` on. `reason`: where its awake period, if it was in one, does not end by itself. */
function rest(session: Session, sleep: SleepState, since: Millis, reason: string | undefined, turn: Turn): void {
  const isOver = session.state === 'awake';
  session.become('rested', turn.now);
  superviseSleep(session, sleep, since, turn);
  if (isOver) {
    const duration = sleep.duration / 1_000;
    turn.note({ type: 'client-asleep-again', ...where(session), duration, ...(reason !== undefined && { reason }) });
  }
}

/** SL-15: whether another message may go out in this awake period. */
export function cycleMayGoOn(session: Session, turn: Turn): boolean {
  const { sleep, state } = session;
  if (state !== 'awake' || !sleep) {
    return true;
  }
  const { maxAwakeMessages } = turn.settings.sessions;
  return !sleep.over && (maxAwakeMessages === 0 || sleep.delivered < maxAwakeMessages);
}

export function countDelivery(session: Session): void {
  if (session.sleep) {
    session.sleep.delivered++;
  }
}

/** Everything is delivered: PINGRESP comes last, and the client sleeps again for the full duration (SL-5 to SL-7). */
export function endAwake(session: Session, turn: Turn): void {
  const { sleep, upstream } = session;
  if (session.state !== 'awake' || !sleep) {
    return;
  }
  if (cycleMayGoOn(session, turn) && upstream.phase === 'up' && sleep.barrier !== 'none') {
    if (sleep.barrier === 'needed') {
      turn.emit({ type: 'upstream-ping', connection: upstream.connection });
      upstream.pingSent();
    }
    sleep.barrier = 'asked';
    return;
  }
  const graceOver = turn.now - upstream.downSince >= turn.settings.upstream.grace;
  const undecided = turn.shared.reachability.anyUp && (isAttemptPending(session, turn) || pausesUntried(session));
  if (upstream.phase !== 'up' && graceOver && !undecided) {
    if (mayBeBack(sleep, turn)) {
      return;
    }
    dismiss(session, UNREACHABLE, turn); // 3.5 item 5
    return;
  }
  turn.deadlines.clear(session, 'awake');
  saveLater(session, turn); // the sleep timer starts anew
  turn.tell(session, { what: 'awake-period-over' });
  rest(session, sleep, turn.now, undefined, turn);
}

/** The broker was away when the own connection tried last, some time ago: it tries again, and the awake period waits for that (I-41). */
function mayBeBack(sleep: SleepState, turn: Turn): boolean {
  if (!turn.shared.reachability.away || sleep.over || sleep.broker === 'missed') {
    return false;
  }
  if (sleep.broker === 'unasked') {
    sleep.broker = 'asked';
    askBroker(turn);
  }
  return true;
}

/** Its connection broke, and no attempt has been made since: whether the broker can be reached it has not tried (I-41). */
function pausesUntried({ upstream }: Session): boolean {
  const { phase, begunAt, downSince } = upstream;
  return phase === 'waiting' && begunAt <= downSince;
}

/** The client vanished in the middle (T-r7, T-30): asleep without PINGRESP, supervised from its last message on. */
export function breakOffAwake(session: Session, turn: Turn): void {
  if (!session.sleep) {
    return;
  }
  turn.deadlines.clear(session, 'awake');
  parkDeliveries(session, turn);
  rest(session, session.sleep, silentSince(session, session.sleep), 'its awake period was broken off', turn);
}
