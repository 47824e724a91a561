/** Groups (`$share/…`) in which a client may not be any more, for its access rule is another one, or has changed (I-135). */

import type { ClientAccess } from '../state/client-access.ts';
import { type Session, where } from '../state/session.ts';
import { SHARED } from '../topics/topic-name.ts';
import { subscribeRefusal } from './access.ts';
import type { Refusal } from './rejection.ts';
import { dropSubscription } from './subscriptions.ts';
import type { Turn } from './turn.ts';

/** What the client may do from now on. */
export function grantAnew(session: Session, access: ClientAccess | undefined, turn: Turn): void {
  turn.directory.grant(session, access);
  leaveGroups(session, turn);
}

/** The group would lose what this client may not read: it is out of it. */
export function leaveGroups(session: Session, turn: Turn): void {
  if (session.access === undefined) {
    return;
  }
  for (const filter of [...session.subscribing.subscriptions.keys()]) {
    const refusal = groupRefusal(session, filter);
    if (refusal) {
      turn.note({ type: 'subscription-refused', ...where(session), filter, reason: refusal.reason });
      dropSubscription(session, filter, turn);
    }
  }
}

/** Why a client may not be in the group of a filter; undefined: it may, or the filter is of none. */
export function groupRefusal(session: Session, filter: string): Refusal | undefined {
  return filter.startsWith(SHARED) ? subscribeRefusal(session, filter) : undefined;
}
