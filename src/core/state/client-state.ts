/**
 * Every change between the states of a client (6.14, Fig. 4; SL-1). A pair that is not in the table leaves the state as it is. A CONNECT
 * under way is not a state but an attempt beside it (connect-attempt.ts): until CONNACK the old state holds.
 */

import type { ClientState } from '../contract/client-state.ts';

/**
 * What changes a state.
 * `accepted`: CONNACK(accepted) is sent (C-10). `restarted`: a CONNECT that needs a new upstream connection ends the old one (T-03).
 * `disconnected`: DISCONNECT from the client, or the gateway's own. `slept`: DISCONNECT with a Duration.
 * `woke`: PINGREQ of a sleeper (SL-4). `rested`: PINGRESP ends the awake period (SL-5), or it is broken off (T-r7).
 * `fell-silent`: supervision is over, or the address went to another client (K-3, SL-3, T-50).
 */
export type StateEvent = 'accepted' | 'restarted' | 'disconnected' | 'slept' | 'woke' | 'rested' | 'fell-silent';

/** The table. */
export const TRANSITIONS: Readonly<Record<ClientState, Readonly<Partial<Record<StateEvent, ClientState>>>>> = {
  disconnected: { accepted: 'active' },
  active: { restarted: 'disconnected', disconnected: 'disconnected', slept: 'asleep', 'fell-silent': 'lost' },
  asleep: {
    accepted: 'active',
    restarted: 'disconnected',
    disconnected: 'disconnected',
    slept: 'asleep',
    woke: 'awake',
    'fell-silent': 'lost',
  },
  awake: {
    accepted: 'active',
    restarted: 'disconnected',
    disconnected: 'disconnected',
    slept: 'asleep',
    rested: 'asleep',
    'fell-silent': 'lost',
  },
  lost: { accepted: 'active' },
};

/** The state after an event; the same state where the pair is not in the table. */
export function nextState(state: ClientState, event: StateEvent): ClientState {
  return TRANSITIONS[state][event] ?? state;
}
