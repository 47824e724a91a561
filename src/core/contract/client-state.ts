/** The states of a client (6.14, Fig. 4; SL-1); every change between them is in state/client-state.ts. */
export type ClientState = 'disconnected' | 'active' | 'asleep' | 'awake' | 'lost';
