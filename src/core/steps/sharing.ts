/** Which clients share the connection to the broker. */

import type { Session } from '../state/session.ts';
import { matchesGlob } from '../topics/glob.ts';
import type { Shared, Turn } from './turn.ts';

/** Whether a client has no connection of its own to the broker: by `upstream.mode` and `upstream.ownConnection`, and nothing is half-way on one (I-158). */
export function sharesConnection(
  clientId: string,
  turn: Pick<Turn, 'settings'> & { readonly shared: Pick<Shared, 'keepsOwn'> },
): boolean {
  return isToShare(clientId, turn) && !turn.shared.keepsOwn(clientId);
}

/** The same by the settings alone. */
export function isToShare(clientId: string, { settings }: Pick<Turn, 'settings'>): boolean {
  const { mode, ownConnection } = settings.upstream;
  return mode === 'aggregating' && !ownConnection.some((pattern) => matchesGlob(pattern, clientId));
}

/** Whether a session shared the connection when the gateway ran last, and has one of its own now. */
export function sharedBefore({ stored, upstream }: Session): boolean {
  return stored.session?.shared === true && !upstream.shared;
}
