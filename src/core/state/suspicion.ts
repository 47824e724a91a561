/**
 * Which packet a broker may have answered by closing the connection (3.5 item 8, I-42). After a break with packets unanswered these are
 * suspected, and the next connection sends them one at a time: that on which it breaks again, alone, is the culprit.
 */

import type { Millis } from '../contract/link.ts';
import type { Exchange } from './client-publish-state.ts';
import type { Request, Restoring, Unsubscribing } from './subscribe-state.ts';

/** A connection that the broker ends so soon may be held by somebody else with the same client id (T-51, I-12). */
export const SHORT_LIVED: Millis = 5_000;

export type Suspect = Exchange | Request | Restoring | Unsubscribing;

/** On whom a connection broke. */
export interface Accused {
  readonly suspect: Suspect;
  /** Since when the connection stood. */
  readonly since: Millis;
  /** The broker has named a reason that is one of the packet's: nobody else has to be asked. */
  readonly named: boolean;
}

/** A PUBLISH that was given up; its repetition gets the same answer. */
export interface Condemned {
  readonly exchange: Exchange;
  readonly until: Millis;
}

export class Suspicion {
  /** Without an answer when a connection broke, oldest first; the first one may be out now. */
  suspects: Suspect[] = [];
  /** They go out one at a time on this connection, and everything else waits behind them. */
  active = false;
  /** The one that is out alone. */
  probe: Suspect | undefined;
  /** To be judged when the next connection stands. */
  accused: Accused | undefined;
  condemned: Condemned | undefined;
  /** When a connection last broke soon, with nothing out: until some time after that a break proves nothing about a packet. */
  brokeIdleAt: Millis | undefined;
}
