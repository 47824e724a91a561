/**
 * Which packet a broker may have answered by closing the connection (3.5 item 8, I-42). After a break with packets unanswered these are
 * suspected, and the next connection sends them one at a time: that on which it breaks again, alone, is the culprit.
 */

import type { Millis } from '../contract/link.ts';
import type { Exchange, FinishedPublish } from './client-publish-state.ts';
import type { Request, Restoring, Unsubscribing } from './subscribe-state.ts';

/** A connection that the broker ends so soon may be held by somebody else with the same client id (T-51, I-12). */
export const SHORT_LIVED: Millis = 5_000;

export type Suspect = Exchange | Request | Restoring | Unsubscribing;

/** On whom a connection broke. */
export interface Accused {
  readonly suspect: Suspect;
  /** Since when the connection stood. */
  readonly since: Millis;
  /** When it broke. */
  readonly at: Millis;
  /** The broker has named a reason that is one of the packet's. */
  readonly named: boolean;
  /** It has, or the own connection has stood on: nobody else was the reason. */
  proven: boolean;
}

export class Suspicion {
  /** Without an answer when a connection broke, oldest first; the first one may be out now. */
  suspects: Suspect[] = [];
  /** They go out one at a time on this connection, and everything else waits behind them. */
  active = false;
  /** The one that is out alone. */
  probe: Suspect | undefined;
  /** Found guilty or not when the next connection stands. */
  accused: Accused | undefined;
  /** The last PUBLISHes that were given up, oldest first: their repetitions get the same answer. */
  readonly condemned: FinishedPublish[] = [];
  /** The last connection broke with something out, and what was the reason is not known. */
  unexplained = false;
  /** While it is active: until then nothing goes out on this connection: if it breaks all the same, no packet was the reason. */
  quietUntil: Millis = 0;

  /** Nothing is suspected, and nothing is known of earlier ones: what was given up may come again whenever its client likes. */
  get isOver(): boolean {
    const { suspects, active, probe, accused, unexplained, condemned } = this;
    const isQuiet = !active && probe === undefined && accused === undefined && !unexplained;
    return isQuiet && suspects.length === 0 && condemned.length === 0;
  }

  /** Nothing of what was out before is sent again: the client has begun clean (S-4). What is accused is judged all the same. */
  drop(): void {
    this.suspects = [];
    this.unexplained = false;
  }
}
