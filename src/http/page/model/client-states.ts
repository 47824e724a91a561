import type { ClientStateName } from '../../api-contract.ts';

/** In the order in which they are shown: the liveliest first. */
export const CLIENT_STATES: readonly ClientStateName[] = ['active', 'awake', 'asleep', 'lost', 'disconnected'];

/** What the states mean, for people. */
export const STATE_MEANING: Readonly<Record<ClientStateName, { readonly label: string; readonly meaning: string }>> = {
  active: { label: 'Active', meaning: 'Connected, and heard within its keep-alive.' },
  awake: { label: 'Awake', meaning: 'A sleeper that has woken to fetch what waits for it.' },
  asleep: { label: 'Asleep', meaning: 'Sleeps as it has announced; messages wait for it.' },
  disconnected: { label: 'Disconnected', meaning: 'Has said goodbye. Its session is kept.' },
  lost: { label: 'Lost', meaning: 'Was not heard in time; its will has been published.' },
};
