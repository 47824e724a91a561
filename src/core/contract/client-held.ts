/** What waits for the disk, and whose it is (I-38). */

/**
 * What this client is to get waits for the disk, and it will not be quick (I-38): until `client-released` nothing reaches it, as if its medium
 * were away.
 */
export interface ClientHeld {
  readonly type: 'client-held';
  /** Or another owner of what goes to the connection that clients share (effect.ts). */
  readonly clientId: string;
  /** What had waited there, and is not sent any more: the core sends it again when it is let go. */
  readonly takenBack?: readonly TakenBack[];
}

/** A publish, SUBSCRIBE or UNSUBSCRIBE for the connection that clients share, which has not gone out. */
export interface TakenBack {
  readonly connection: number;
  readonly packetId: number;
}

/** What waited for the disk has gone out. */
export interface ClientReleased {
  readonly type: 'client-released';
  readonly clientId: string;
}
