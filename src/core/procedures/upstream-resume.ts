/** The connection of a client stands (again): what waited for the broker goes out (3.5 item 6). */

import type { Millis } from '../contract/link.ts';
import type { Session } from '../state/session.ts';
import type { Suspect } from '../state/suspicion.ts';
import { forward, refuseUnfit, resumeClientPublishes, reviewClientPublishes } from '../steps/exchanges.ts';
import { brokerSessionLost } from '../steps/outstanding.ts';
import type { Turn } from '../steps/turn.ts';
import { letGoOverdue } from '../steps/unreleased-publishes.ts';
import { publishAllWaiting } from '../steps/waiting-publishes.ts';
import { ownStoodSince } from '../steps/witness.ts';
import { judge } from './poison.ts';
import { resumeRequests, sendRequest } from './subscribe.ts';
import { restoreOne, restoreSubscriptions, subscriptionsReviewed } from './subscription-restore.ts';

/** A suspected packet that the broker has neither answered nor closed on for so long is no poison: the next one goes out. */
const PROBE_LIMIT: Millis = 10_000;

/** After a break that a packet may have caused the next connection shows for so long that it stands without any. */
const QUIET: Millis = 1_000;

/**
 * The connection stands (again): what waits for the broker goes out, in order, subscriptions first, so that a client that is subscribed
 * to what it publishes misses nothing (3.5 item 6); what is suspected goes one at a time before everything else (I-42). True where the
 * broker has to grant subscriptions that it had lost.
 */
export function resumeUpstream(session: Session, sessionPresent: boolean, turn: Turn): boolean {
  const { upstream } = session;
  const { suspicion } = upstream;
  judge(session, turn);
  if (!sessionPresent) {
    brokerSessionLost(session, turn);
  }
  letGoOverdue(session, turn); // before anything goes out: PUBRELs go in the order of their PUBLISHes
  reviewClientPublishes(session, sessionPresent, turn);
  refuseUnfit(session, turn);
  suspicion.suspects = suspicion.suspects.filter((suspect) => isOpen(session, suspect));
  suspicion.active = suspicion.unexplained || suspicion.suspects.length > 0;
  suspicion.unexplained = false;
  suspicion.quietUntil = ownStoodSince(turn.now, turn) ? turn.now + QUIET : 0;
  const restoring = restoreSubscriptions(session, sessionPresent, turn);
  if (suspicion.active) {
    probeNext(session, turn);
  } else {
    resumeRest(session, turn);
  }
  return restoring && upstream.owesSubscriptions;
}

/** Whether it is still to come to its end: the client may have begun anew meanwhile. */
function isOpen({ upstream, subscribing }: Session, suspect: Suspect): boolean {
  return suspect.purpose === 'restoring' ? subscribing.subscriptions.has(suspect.filter) : upstream.awaits(suspect);
}

/** The broker has answered something while suspected packets go one at a time: the next one, where it was this one's turn. */
export function resumeGoesOn(session: Session, turn: Turn): void {
  const { upstream } = session;
  const { suspicion } = upstream;
  if (!suspicion.active || (suspicion.probe && upstream.awaits(suspicion.probe))) {
    return;
  }
  probeDue(session, turn);
}

/** The broker has answered the packet that is out alone, or stands it. */
export function probeDue(session: Session, turn: Turn): void {
  const { suspicion } = session.upstream;
  if (suspicion.probe) {
    suspicion.suspects.shift();
    suspicion.probe = undefined;
    turn.deadlines.clear(session, 'probe');
    subscriptionsReviewed(session);
  }
  probeNext(session, turn);
}

function probeNext(session: Session, turn: Turn): void {
  const { upstream } = session;
  const { suspicion } = upstream;
  if (turn.now < suspicion.quietUntil) {
    superviseProbe(session, turn);
    return;
  }
  if (upstream.isAnyFor('restoring')) {
    return;
  }
  for (let first = suspicion.suspects[0]; first; first = suspicion.suspects[0]) {
    if (first.purpose === 'restoring') {
      restoreOne(session, first, turn);
    } else if (!upstream.awaits(first)) {
      // answered, refused or forgotten meanwhile
    } else if (first.purpose === 'exchange') {
      forward(session, first, turn);
    } else {
      sendRequest(session, first, turn);
    }
    if (upstream.awaits(first)) {
      suspicion.probe = first;
      superviseProbe(session, turn);
      return;
    }
    suspicion.suspects.shift();
  }
  suspicion.active = false;
  subscriptionsReviewed(session);
  resumeRest(session, turn);
}

/** Sets the deadline (again) of the one that is out alone, or of the first one. */
export function superviseProbe(session: Session, turn: Turn): void {
  const { probe, active, quietUntil } = session.upstream.suspicion;
  if (probe) {
    turn.deadlines.set(session, 'probe', turn.now + PROBE_LIMIT);
  } else if (active && turn.now < quietUntil) {
    turn.deadlines.set(session, 'probe', quietUntil);
  }
}

/** Everything that is not suspected. */
function resumeRest(session: Session, turn: Turn): void {
  resumeClientPublishes(session, turn);
  publishAllWaiting(session, turn);
  resumeRequests(session, turn);
}
