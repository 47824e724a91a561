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
   * The broker hands over what it holds back as acknowledgements come. `needed`: some have been sent since it was asked; `asked`: PINGREQ is on
   * its way, and its answer shows that nothing more comes (design 4).
   */
  barrier: 'none' | 'needed' | 'asked';
  /** Answers in a row to that PINGREQ with nothing new before them (I-18). */
  silences: number;
  /** The awake period is as long as it may be: what is outstanding is finished, then PINGRESP (SL-15). */
  over: boolean;
}
