/** What of a session is thrown away, and when (S-4, S-5). */

import { remember } from '../state/remember.ts';
import type { Session } from '../state/session.ts';
import { NO_WILL } from '../state/will.ts';
import { closeUpstream } from './connection.ts';
import { dropInflight } from './exchanges.ts';
import { clearDeliveries } from './outstanding.ts';
import { erase } from './persistence.ts';
import { restNoMore } from './rest.ts';
import { clearSubscriptions } from './subscriptions.ts';
import type { Turn } from './turn.ts';

/** S-4: CleanSession clears everything but the order of topic ids. */
export function wipe(session: Session, turn: Turn): void {
  erase(session, turn);
  session.topics.clear();
  session.will = NO_WILL;
  clearSubscriptions(session);
  clearDeliveries(session, turn);
  dropInflight(session, turn);
}

/** Sessions of clients that are gone whose ids are remembered. */
const FORMER_SESSIONS = 10_000;

/** A session that opened clean ends with the connection: nothing of it is kept but how far its ids went (R-13, I-17). */
export function forget(session: Session, turn: Turn): void {
  if (!turn.directory.halfOpen.has(session)) {
    const ids = { nextTopicId: session.topics.nextId, lastMsgId: session.msgIds.last };
    remember(turn.shared.formerIds, session.clientId, ids, FORMER_SESSIONS);
  }
  if (!session.upstream.shared && session.upstream.phase !== 'closed') {
    closeUpstream(session, true, turn); // I-159: it was made for the client, which is away
  }
  clearSubscriptions(session);
  clearDeliveries(session, turn);
  dropInflight(session, turn);
  turn.deadlines.clearAll(session);
  turn.directory.remove(session);
  restNoMore(turn);
  erase(session, turn);
  if (session.upstream.shared) {
    turn.emit({ type: 'upstream-forget', connection: 0, clientId: session.clientId });
  }
}
