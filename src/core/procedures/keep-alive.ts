/** Supervision of active clients (6.11): any message is a sign of life; a client without keep-alive is probed (T-06). */

import type { Session } from '../state/session.ts';
import { lose } from '../steps/endings.ts';
import { isAbsent } from '../steps/medium.ts';
import { saveLater } from '../steps/persistence.ts';
import { silence, silenceAllowed } from '../steps/supervision.ts';
import type { Turn } from '../steps/turn.ts';

/**
 * The limit may be over. Messages do not move the deadline, they only leave their time in `lastHeard` (K-2), so that a message
 * costs nothing here; the deadline moves itself when it is due.
 */
export function keepAliveDue(session: Session, turn: Turn): void {
  const allowed = silenceAllowed(session, turn);
  const due = session.lastHeard + allowed;
  if (due > turn.now) {
    session.probes = 0;
    turn.deadlines.set(session, 'keep-alive', due);
    saveLater(session, turn); // I-170
  } else if (session.held && session.keepAlive > 0) {
    turn.deadlines.set(session, 'keep-alive', turn.now + allowed); // I-64
  } else if (session.keepAlive > 0) {
    lose(session, `nothing heard for ${silence(session, turn)}`, turn); // K-3
  } else {
    probe(session, turn);
  }
}

/** K-5, K-7, T-35: PINGREQ without ClientId, T_retry and N_retry. */
function probe(session: Session, turn: Turn): void {
  if (session.probes > turn.settings.timing.retryCount) {
    lose(session, 'no answer to PINGREQ', turn);
    return;
  }
  if (!session.held && !isAbsent(session.path, turn)) {
    session.probes++; // I-25, I-38
  }
  turn.send(session, { type: 'PINGREQ', clientId: undefined });
  turn.deadlines.set(session, 'keep-alive', turn.answerDue(session.path));
}
