import { join } from 'node:path';
import type { Settings } from '../config/schema.ts';
import type { Observer } from '../ports/observer.ts';
import { AssociationStore } from '../store/association-store.ts';

/**
 * The store of DTLS associations, in a folder of that of the sessions; undefined where there is no DTLS, or where nothing is stored. `isTrusted`: all of
 * the sessions are there. Where it cannot be opened, associations end with this process, and the observer is told.
 */
export function openAssociations(
  { sessions, transports }: Settings,
  isTrusted: boolean,
  observer: Observer,
): AssociationStore | undefined {
  if (sessions.path === 'memory' || !transports.some(({ type }) => type === 'dtls')) {
    return undefined;
  }
  const onProblem = (reason: string): void => observer.note({ type: 'store-problem', reason });
  try {
    const store = new AssociationStore({
      ...{ path: join(sessions.path, 'associations'), isTrusted, onProblem },
      onStalled: (seconds) => observer.note({ type: 'store-stalled', seconds }),
      onRecovered: (seconds) => observer.note({ type: 'store-recovered', seconds }),
    });
    if (store.refusal !== undefined) {
      observer.note({ type: 'associations-refused', count: store.refused, reason: store.refusal });
    }
    return store;
  } catch (error) {
    onProblem(`DTLS associations are not stored, and end with this process: ${(error as Error).message}`);
    return undefined;
  }
}
