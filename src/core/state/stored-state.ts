/** What the store has of a session: what is there as it should be is not written again (persistence.ts). */

import type { StoredSession } from '../contract/stored-records.ts';
import type { WillState } from './will.ts';

export interface StoredState {
  /** The record of the session as it was written last; undefined: the store has nothing of it. */
  session: StoredSession | undefined;
  /** Topic and message of the will, as they were written last. */
  will: Pick<WillState, 'topic' | 'message'> | undefined;
  /** All that the store has of it goes away with the next write, before anything that is new. */
  erase: boolean;
  /** Its last write may be lost when the power fails: nobody has waited for it. */
  unsynced: boolean;
}

export function nothingStored(): StoredState {
  return { session: undefined, will: undefined, erase: false, unsynced: false };
}
