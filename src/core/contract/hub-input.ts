/** What the hub of an aggregating gateway tells the sessions, beside what a broker would. */

/** The connection stands that the clients of an aggregating gateway share. */
export interface SharedConnectionStands {
  readonly type: 'shared-connection-stands';
}

/** What comes on the shared connection is not for this client any more, for the broker has a session of its own for it (I-159). */
export interface BridgeEnded {
  readonly type: 'bridge-ended';
  readonly clientId: string;
}

/** After a start: what the sessions that came back want of the hub is done: others come. */
export interface RestoringGoesOn {
  readonly type: 'restoring-goes-on';
}
