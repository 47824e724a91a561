/** What the store has of a session: what is there as it should be is not written again (persistence.ts). */

import type { StoredSession } from '../contract/stored-records.ts';
import type { WillState } from './will.ts';

/** What of the record of a session is compared with it; `pathKey` stands for where it is. */
export interface WrittenSession
  extends Pick<
    StoredSession,
    | 'state'
    | 'cleanSession'
    | 'keepAlive'
    | 'sleepDuration'
    | 'lastHeard'
    | 'epoch'
    | 'msgIdsTo'
    | 'mount'
    | 'prefix'
    | 'subscriptionsDoubted'
    | 'shared'
    | 'ownSince'
    | 'owesSession'
    | 'bridged'
    | 'identity'
  > {
  readonly pathKey: string;
}

export interface StoredState {
  /** The session as it was written last; undefined: the store has nothing of it. */
  session: WrittenSession | undefined;
  /** Topic and message of the will, as they were written last. */
  will: Pick<WillState, 'topic' | 'message'> | undefined;
  /** All that the store has of it goes away with the next write, before anything that is new. */
  erase: boolean;
  /** Its last write may be lost when the power fails: nobody has waited for it. */
  unsynced: boolean;
}

/** `record`: as it is written, of a session at this path. */
export function writtenOf(record: StoredSession, pathKey: string): WrittenSession {
  const { state, cleanSession, keepAlive, sleepDuration, lastHeard } = record;
  const { epoch, msgIdsTo, mount, prefix, subscriptionsDoubted, shared, ownSince, owesSession, bridged, identity } =
    record;
  return {
    pathKey,
    state,
    cleanSession,
    keepAlive,
    sleepDuration,
    lastHeard,
    epoch,
    msgIdsTo,
    mount,
    prefix,
    subscriptionsDoubted,
    shared,
    ownSince,
    owesSession,
    bridged,
    identity,
  };
}

export function nothingStored(): StoredState {
  return { session: undefined, will: undefined, erase: false, unsynced: false };
}
