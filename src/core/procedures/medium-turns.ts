/** A slow medium is free again, or a medium is back or gone: whose turn it is to send (6.10, state/transports.ts). */

import type { Session } from '../state/session.ts';
import type { TransportState } from '../state/transports.ts';
import { wakeForRoom } from '../steps/medium.ts';
import { partDone } from '../steps/parts.ts';
import { breakOffAwake } from '../steps/sleep.ts';
import type { Turn } from '../steps/turn.ts';
import { pump } from './gateway-publish.ts';
import { deliveryDue } from './gateway-publish-unanswered.ts';

/** A medium has room, or is back: those that wait get their turns. */
export function mediumReady(transport: TransportState, turn: Turn): void {
  try {
    for (const session of transport.waiting) {
      if (!transport.hasRoom(turn.now)) {
        break;
      }
      transport.waiting.delete(session);
      transport.serving = session;
      turn.current = session;
      resumeDelivery(session, turn);
      partDone(turn);
    }
  } finally {
    // also where an invariant of one session broke: the others must not wait for ever
    transport.serving = undefined;
    if (transport.waiting.size > 0) {
      wakeForRoom(transport, turn);
    }
  }
}

/** A medium went away: of its clients, those that are awake with nothing outstanding sleep on at once (T-r7). */
export function mediumGone(transport: TransportState, turn: Turn): void {
  for (const session of transport.waiting) {
    const isHere = turn.shared.transports.of(session.path.transport) === transport; // or it waited here before it went elsewhere
    if (!isHere || session.state !== 'awake') {
      continue;
    }
    transport.waiting.delete(session);
    turn.current = session;
    breakOffAwake(session, turn);
    partDone(turn);
  }
}

/** It is a session's turn on a medium where it had to wait: with the repetition that is due, or the next publish. */
function resumeDelivery(session: Session, turn: Turn): void {
  const isDue =
    session.outbound.outstanding !== undefined &&
    !turn.deadlines.has(session, 'delivery') &&
    session.attempt === undefined;
  if (isDue) {
    deliveryDue(session, turn);
  } else {
    pump(session, turn);
  }
}
