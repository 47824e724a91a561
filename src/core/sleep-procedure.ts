/** Sleeping clients (6.14): asleep, awake for one cycle, asleep again. For QoS 1 and 2 the broker is the queue (design 1.5). */

import { dismiss, lose } from './disconnect-procedure.ts';
import { parkDeliveries, pump, retransmit } from './gateway-publish.ts';
import type { Millis } from './link.ts';
import { save, saveExchanges, saveLater } from './persistence.ts';
import { nextState } from './state/client-state.ts';
import { type Session, where } from './state/session.ts';
import type { SleepState } from './state/sleep-state.ts';
import { supervisionLimit } from './timer-values.ts';
import type { Turn } from './turn.ts';

/** DISCONNECT with a Duration, in any state (X-2, SL-2, SL-12, T-31). `duration`: seconds. */
export function fallAsleep(session: Session, duration: number, turn: Turn): void {
  parkDeliveries(session, turn);
  for (const timer of ['keep-alive', 'awake', 'grace'] as const) {
    turn.deadlines.clear(session, timer); // SL-17
  }
  session.state = nextState(session.state, 'slept');
  session.sleep = { duration: duration * 1000, delivered: 0, barrier: 'none', over: false };
  save(session, turn);
  saveExchanges(session, turn);
  turn.send(session, { type: 'DISCONNECT', duration: undefined }); // without Duration
  turn.note({ type: 'client-asleep', ...where(session), duration });
  superviseSleep(session, session.sleep, turn.now, turn);
}

function superviseSleep(session: Session, sleep: SleepState, since: Millis, turn: Turn): void {
  turn.deadlines.set(session, 'sleep', since + supervisionLimit(sleep.duration));
}

/** A CONNECT under way is supervised by its own timers (2.15, Connecting). */
export function suspendSleep(session: Session, turn: Turn): void {
  turn.deadlines.clear(session, 'sleep');
  turn.deadlines.clear(session, 'awake');
}

/** The CONNECT came to nothing, or the gateway has started again: the client sleeps on, supervised from its last message. */
export function resumeSleep(session: Session, turn: Turn): void {
  if (!session.sleep) {
    return;
  }
  parkDeliveries(session, turn);
  session.state = nextState(session.state, 'rested');
  superviseSleep(session, session.sleep, session.lastHeard, turn);
}

/** PINGREQ of a sleeper (SL-4). */
export function wake(session: Session, turn: Turn): void {
  const { sleep } = session;
  if (!sleep) {
    return;
  }
  session.state = nextState(session.state, 'woke');
  sleep.delivered = 0;
  sleep.barrier = session.upstream.redelivering ? 'needed' : 'none';
  sleep.over = false;
  turn.deadlines.clear(session, 'sleep'); // SL-17
  turn.deadlines.set(session, 'awake', turn.now + turn.settings.maxAwakeTime);
  turn.note({ type: 'client-awake', ...where(session), waiting: session.outbound.queue.waiting.length });
  pump(session, turn);
}

/** PINGREQ of a client that is awake already (SL-9): what is outstanding goes out again, nothing starts over. */
export function pingWhileAwake(session: Session, turn: Turn): void {
  const { outstanding } = session.outbound;
  if (outstanding) {
    retransmit(session, outstanding, turn);
  } else {
    pump(session, turn);
  }
}

/** SL-15: whether another message may go out in this awake period. */
export function cycleMayGoOn(session: Session, turn: Turn): boolean {
  const { sleep, state } = session;
  if (state !== 'awake' || !sleep) {
    return true;
  }
  const { maxAwakeMessages } = turn.settings;
  return !sleep.over && (maxAwakeMessages === 0 || sleep.delivered < maxAwakeMessages);
}

export function countDelivery(session: Session): void {
  if (session.sleep) {
    session.sleep.delivered++;
  }
}

/** An acknowledgement went to the broker, which may hand over another message for it. */
export function windowMoved(session: Session): void {
  if (session.sleep) {
    session.sleep.barrier = 'needed';
  }
}

/** The broker has answered PINGREQ: whatever it had to hand over is here. */
export function barrierPassed(session: Session, turn: Turn): void {
  session.upstream.pings--;
  if (session.sleep?.barrier !== 'asked' || session.upstream.pings > 0) {
    return; // of an earlier awake period
  }
  session.upstream.redelivering = false;
  session.sleep.barrier = 'none';
  pump(session, turn);
}

/** The awake period is as long as it may be (SL-15). */
export function awakeDue(session: Session, turn: Turn): void {
  if (!session.sleep) {
    return;
  }
  session.sleep.over = true;
  pump(session, turn);
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
      upstream.pings++;
    }
    sleep.barrier = 'asked';
    return;
  }
  turn.deadlines.clear(session, 'awake');
  if (upstream.phase !== 'up' && turn.now - upstream.downSince >= turn.settings.upstreamGrace) {
    dismiss(session, 'the broker cannot be reached', turn); // 3.5 item 5
    return;
  }
  saveLater(session, turn); // the sleep timer starts anew
  turn.send(session, { type: 'PINGRESP' }, 'last');
  session.state = nextState(session.state, 'rested');
  superviseSleep(session, sleep, turn.now, turn);
}

/** The client vanished in the middle (T-r7, T-30): asleep without PINGRESP, supervised from its last message on. */
export function breakOffAwake(session: Session, turn: Turn): void {
  if (!session.sleep) {
    return;
  }
  turn.deadlines.clear(session, 'awake');
  parkDeliveries(session, turn);
  session.state = nextState(session.state, 'rested');
  superviseSleep(session, session.sleep, session.lastHeard, turn);
}

/** Supervision by the sleep duration (SL-3); messages that came meanwhile moved it (SL-14). */
export function sleepDue(session: Session, turn: Turn): void {
  const { sleep } = session;
  if (!sleep) {
    return;
  }
  if (session.lastHeard + supervisionLimit(sleep.duration) > turn.now) {
    superviseSleep(session, sleep, session.lastHeard, turn);
  } else {
    lose(session, `did not wake up within ${sleep.duration / 1000} s`, turn);
  }
}
