/** The connection of a client stands (again): what waited for the broker goes out (3.5 item 6). */

import type { Session } from '../state/session.ts';
import { doubtReceived, resumeClientPublishes } from '../steps/exchanges.ts';
import { brokerSessionLost } from '../steps/outstanding.ts';
import type { Turn } from '../steps/turn.ts';
import { publishWaiting } from '../steps/waiting-publishes.ts';
import { resumeRequests } from './subscribe.ts';
import { restoreSubscriptions } from './subscription-restore.ts';

/**
 * The connection stands (again): what waits for the broker goes out, in order, subscriptions first, so that a client that is subscribed
 * to what it publishes misses nothing (3.5 item 6). True where the broker has to grant subscriptions that it had lost.
 */
export function resumeUpstream(session: Session, sessionPresent: boolean, turn: Turn): boolean {
  if (!sessionPresent) {
    brokerSessionLost(session, turn);
  }
  if (session.upstream.doubted) {
    doubtReceived(session);
  }
  const restoring = restoreSubscriptions(session, sessionPresent, turn);
  resumeClientPublishes(session, sessionPresent, turn);
  for (const publish of turn.shared.offline.drain(session)) {
    publishWaiting(session, publish, turn);
  }
  resumeRequests(session, turn);
  return restoring;
}
