/** Names for the operator: those of the client, whatever `upstream.topicPrefix` puts before them at the broker (I-92). */

import { mountPoint, unmountedFilter } from '../topics/mount-point.ts';
import type { Hub } from './hub.ts';

/** A topic or filter of the broker as this client knows it; as it is where it is none of the client's. */
export function ownName(clientId: string, name: string, { settings }: Pick<Hub, 'settings'>): string {
  const { topicPrefix } = settings.upstream;
  return topicPrefix === '' ? name : (unmountedFilter(mountPoint(topicPrefix, clientId), name) ?? name);
}
