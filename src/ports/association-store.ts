/** What of DTLS associations outlives the process, where their clients are found by a connection id. */
import type { Link } from '../core/contract/link.ts';

/** Which records of the client have come: see ReplayWindow. One that is still in use changes with each record. */
export interface ReceiveMark {
  readonly highest: number;
  readonly near: number;
  readonly far: number;
}

/** Keys and nonce parts of the two directions. Whoever has them reads what was said with them. */
export interface TrafficSecrets {
  readonly clientKey: Uint8Array;
  readonly clientIv: Uint8Array;
  readonly serverKey: Uint8Array;
  readonly serverIv: Uint8Array;
}

/** An association as it is stored. */
export interface StoredAssociation {
  readonly link: Link;
  readonly transport: string;
  /** The connection ids: what comes has the own one, what goes that of the client, where it is not empty. */
  readonly ownCid: Uint8Array;
  readonly peerCid: Uint8Array;
  readonly identity: string;
  /** Tells whether the pre-shared key of the identity is still the same. */
  readonly keyProof: Uint8Array;
  /** Name of the suite. */
  readonly suite: string;
  readonly secrets: TrafficSecrets;
  /** Where the client was heard last. */
  readonly remote: { readonly key: string; readonly host: string; readonly address: string };
  readonly received: ReceiveMark;
  /** Records with this number and above have never been sent. */
  readonly sendFrom: number;
}

/** One that was found. */
export interface RestoredAssociation extends StoredAssociation {
  /** Numbers from `sendFrom` up to it, and without it, may be sent: the disk has that already. */
  readonly reservedTo: number;
  /** How long its client has said nothing, in milliseconds. */
  readonly silence: number;
}

/**
 * Keeps associations. Nothing here throws or waits. What is told is written in the background, in the order in which it was told, many things at a time:
 * a kill of the process in between leaves what was true a moment ago. Where the disk fails, what is there is thrown away, so that nothing that is not true
 * any more is ever loaded; until that is certain, no `done` is called.
 */
export interface AssociationKeeper {
  /**
   * A new one, or one whose client has moved. False: it is not stored, and `reserve` and `mark` mean nothing for a new one; of one that has moved the former
   * address stays stored. `received` is read when it is written.
   */
  keep(association: StoredAssociation): boolean;
  /**
   * A record has been authentic. `done` is called when that is written, not flushed: a kill of the process loses nothing of it. `received` is read when it
   * is written. Each call has its `done`, in their order.
   */
  mark(link: Link, received: ReceiveMark, done: () => void): void;
  /** Numbers below `end` are to be sent: `done` is called when the disk has that, and they may be. */
  reserve(link: Link, end: number, done: () => void): void;
  /** It is over. */
  forget(link: Link): void;
}
