/** Whether there is room for one more publish of a client on its way to the broker (T-36, P-3, I-50). */

import { RETURN_CODE } from '../../codec/message.ts';
import type { ClientPublishState } from '../state/client-publish-state.ts';
import type { Session } from '../state/session.ts';
import type { Refusal } from './rejection.ts';
import type { Turn } from './turn.ts';

const { congestion } = RETURN_CODE;

const OF_CLIENT: Refusal = { returnCode: congestion, reason: 'too many publishes are under way' };
const OF_ALL: Refusal = {
  returnCode: congestion,
  reason: 'the publishes of all clients that are under way take too much',
};

/**
 * A client with nothing under way has room for one with so many octets, whatever others take: those of clients that have left may stay for as long as
 * their sessions do, and would keep everybody from publishing. There are no more of these than there may be sessions.
 */
const ALWAYS = 1024;

/** Why there is none; undefined: there is. `octets`: of its payload. */
export function publishRoomRefusal({ inbound, path }: Session, octets: number, turn: Turn): Refusal | undefined {
  if (!hasPlace(inbound, turn.settings.clients.maxInflight)) {
    return OF_CLIENT;
  }
  const isAlone = inbound.exchanges.size === 0 && octets <= ALWAYS;
  return isAlone || turn.shared.openPublishes.admits(path, octets) ? undefined : OF_ALL;
}

/** What was let go waits for the broker alone, and takes no place of the client's; there may be as many of it again. */
function hasPlace({ exchanges }: ClientPublishState, places: number): boolean {
  if (exchanges.size < places) {
    return true;
  }
  let own = 0;
  for (const { role } of exchanges) {
    own += role === 'let-go' ? 0 : 1;
  }
  return own < places && exchanges.size < 2 * places;
}
