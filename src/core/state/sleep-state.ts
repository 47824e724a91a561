/** What the gateway knows of a client that sleeps, besides its session (6.14). */

import type { Millis } from '../contract/link.ts';

export interface SleepState {
  /** Duration of the last DISCONNECT. */
  readonly duration: Millis;
  /** Until when it said that it would sleep, counted from its last message. */
  until: Millis;
  /** Messages delivered in the present awake period (SL-15). */
  delivered: number;
  /**
   * The broker hands over what it holds back as acknowledgements come. `needed`: it is to be asked whether it has more; `asked`: PINGREQ is on its
   * way, and its answer counts as one silence where nothing new comes before (design 4).
   */
  barrier: 'none' | 'needed' | 'asked';
  /** Answers to PINGREQ in a row since the last acknowledgement; a few of them show that nothing more comes (I-18). */
  silences: number;
  /** The awake period is as long as it may be: what is outstanding is finished, then PINGRESP (SL-15). */
  over: boolean;
  /**
   * Where the broker is away and the grace time is over, the own connection finds out whether it still is, before the client is told (I-41):
   * `asked`: it is about to; `missed`: it was not there.
   */
  broker: 'unasked' | 'asked' | 'missed';
}

/** A client has fallen asleep. `barrier`: of the sleep before, where that was interrupted by this one. */
export function newSleepState(duration: Millis, barrier: SleepState['barrier'] = 'none'): SleepState {
  return { duration, until: 0, delivered: 0, barrier, silences: 0, over: false, broker: 'unasked' };
}
