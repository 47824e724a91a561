/** A client whose answers wait for the disk is served as one whose medium is away (I-25, I-38): what is outstanding waits with it. */

import { resumeClientPublishes } from '../steps/exchanges.ts';
import { excuseSilence } from '../steps/supervision.ts';
import type { Turn } from '../steps/turn.ts';
import { pump } from './gateway-publish.ts';

/** It waits from now on, or nothing waits any more. Harmless for a client that is gone. */
export function clientHeld(clientId: string, held: boolean, turn: Turn): void {
  const { directory } = turn;
  if (held) {
    directory.held.add(clientId);
  } else {
    directory.held.delete(clientId);
  }
  const session = directory.byClientId(clientId);
  if (session === undefined || session.held === held) {
    return;
  }
  turn.current = session;
  session.held = held;
  const { accepted } = session;
  if (held) {
    session.accepted =
      accepted && turn.now <= accepted.until ? { ...accepted, until: Number.POSITIVE_INFINITY } : undefined; // I-81
    return;
  }
  session.accepted = accepted && { ...accepted, until: turn.now + turn.retryWindow(session.path) };
  excuseSilence(session, turn); // by now it has what it waited for
  if (session.upstream.takes) {
    resumeClientPublishes(session, turn); // PUBREL
  }
  const { outstanding } = session.outbound;
  if (outstanding === undefined) {
    pump(session, turn);
  } else if (outstanding.step === 'awaiting-release') {
    turn.deadlines.set(session, 'delivery', turn.now + turn.retryWindow(session.path));
  } else {
    turn.deadlines.set(session, 'delivery', turn.answerDue(session.path)); // it has just been sent
  }
}
