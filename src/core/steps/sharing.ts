/** Which clients share the connection to the broker. */

import type { CoreSettings } from '../contract/core-settings.ts';
import type { Session } from '../state/session.ts';
import { matchesGlob } from '../topics/glob.ts';

/** Whether a client has no connection of its own to the broker (`upstream.mode`, `upstream.ownConnection`). */
export function sharesConnection(clientId: string, { upstream }: Pick<CoreSettings, 'upstream'>): boolean {
  const { mode, ownConnection } = upstream;
  return mode === 'aggregating' && !ownConnection.some((pattern) => matchesGlob(pattern, clientId));
}

/** Whether a session shared the connection when the gateway ran last, and has one of its own now. */
export function sharedBefore({ stored, upstream }: Session): boolean {
  return stored.session?.shared === true && !upstream.shared;
}
