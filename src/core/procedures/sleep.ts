/** Sleeping clients (6.14): they fall asleep, wake for one cycle, and are lost where they do not. For QoS 1 and 2 the broker is the queue (design 1.5). */

import type { Seconds } from '../contract/units.ts';
import { type Session, where } from '../state/session.ts';
import { newSleepState } from '../state/sleep-state.ts';
import { lose } from '../steps/endings.ts';
import { parkDeliveries, retransmit } from '../steps/outstanding.ts';
import { save, saveExchanges } from '../steps/persistence.ts';
import { silence, superviseSleep, supervisionLimit } from '../steps/supervision.ts';
import type { Turn } from '../steps/turn.ts';
import { pump } from './gateway-publish.ts';

/**
 * Answers of the broker in a row, with nothing new before them, that show that it has no more. One is enough where it hands over before it
 * answers; RabbitMQ answers first, and its messages, which pass several queues, come a moment later (I-18).
 */
const SILENCES = 3;

/** DISCONNECT with a Duration, in any state (X-2, SL-2, SL-12, T-31). */
export function fallAsleep(session: Session, duration: Seconds, turn: Turn): void {
  parkDeliveries(session, turn);
  for (const timer of ['keep-alive', 'awake', 'grace'] as const) {
    turn.deadlines.clear(session, timer); // SL-17
  }
  session.become('slept', turn.now);
  session.sleep = newSleepState(duration * 1000, session.sleep?.barrier);
  save(session, turn);
  saveExchanges(session, turn);
  turn.send(session, { type: 'DISCONNECT', duration: undefined }); // without Duration
  turn.note({ type: 'client-asleep', ...where(session), duration });
  superviseSleep(session, session.sleep, turn.now, turn);
}

/** PINGREQ of a sleeper (SL-4). */
export function wake(session: Session, turn: Turn): void {
  const { sleep } = session;
  if (!sleep) {
    return;
  }
  session.become('woke', turn.now);
  sleep.delivered = 0;
  const { redelivering, shared } = session.upstream;
  sleep.barrier = redelivering || shared || sleep.barrier !== 'none' ? 'needed' : 'none'; // 3.7 item 4: what waits for it is asked for
  sleep.silences = 0;
  sleep.over = false;
  sleep.broker = 'unasked';
  turn.deadlines.clear(session, 'sleep'); // SL-17
  turn.deadlines.set(session, 'awake', turn.now + turn.settings.sessions.maxAwakeTime);
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

/** The broker has answered PINGREQ: once more, or whatever it had to hand over is here. */
export function barrierPassed(session: Session, turn: Turn): void {
  const { sleep, upstream } = session;
  upstream.pingAnswered();
  if (sleep?.barrier !== 'asked' || upstream.pings > 0) {
    return; // of an earlier awake period
  }
  sleep.silences++;
  if (sleep.silences < SILENCES) {
    sleep.barrier = 'needed';
  } else {
    sleep.barrier = 'none';
    upstream.redelivering = false;
  }
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

/** Supervision by the sleep duration (SL-3); messages that came meanwhile moved it (SL-14). */
export function sleepDue(session: Session, turn: Turn): void {
  const { sleep } = session;
  if (!sleep) {
    return;
  }
  if (session.lastHeard + supervisionLimit(sleep.duration) > turn.now) {
    superviseSleep(session, sleep, session.lastHeard, turn);
  } else if (session.held) {
    superviseSleep(session, sleep, turn.now, turn); // I-64
  } else {
    const reason = `did not wake up within ${silence(session, turn)} (it had said ${sleep.duration / 1000} s)`;
    lose(session, reason, turn);
  }
}
