/** How many sessions are in each state, by transport. It is kept as they change, so that looking costs nothing however many there are. */

import type { ClientState } from '../contract/client-state.ts';
import type { Census as CensusView } from '../contract/session-view.ts';

/** The sessions of one transport. */
export type StateCounts = Record<ClientState, number>;

/** Whoever is counted. */
export interface Counted {
  readonly state: ClientState;
  /** Where it is counted; undefined: nowhere. */
  countedIn: StateCounts | undefined;
}

export class Census {
  readonly #byTransport = new Map<string, StateCounts>();

  /** Counts it as one of this transport, and no longer as one of another. */
  count(one: Counted, transport: string): void {
    this.uncount(one);
    let counts = this.#byTransport.get(transport);
    if (counts === undefined) {
      counts = { disconnected: 0, active: 0, asleep: 0, awake: 0, lost: 0 };
      this.#byTransport.set(transport, counts);
    }
    counts[one.state]++;
    one.countedIn = counts;
  }

  /** It is gone. */
  uncount(one: Counted): void {
    if (one.countedIn !== undefined) {
      one.countedIn[one.state]--;
      one.countedIn = undefined;
    }
  }

  /** A copy for whoever looks. */
  view(): CensusView {
    return new Map([...this.#byTransport].map(([transport, counts]) => [transport, { ...counts }]));
  }
}
