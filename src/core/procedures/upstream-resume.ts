/** The connection of a client stands (again): what waited for the broker goes out (3.5 item 6). */

import type { Millis } from '../contract/link.ts';
import type { Exchange } from '../state/client-publish-state.ts';
import { isPrompting } from '../state/connect-attempt.ts';
import { isReleasing } from '../state/packet-use.ts';
import type { Session } from '../state/session.ts';
import type { Unsubscribing } from '../state/subscribe-state.ts';
import { SHORT_LIVED, type Suspect } from '../state/suspicion.ts';
import { forward, refuseUnfit, release, resumeClientPublishes, reviewClientPublishes } from '../steps/exchanges.ts';
import { brokerSessionLost } from '../steps/outstanding.ts';
import { restoreOne, unsubscribeOwed, unsubscribeUpstream } from '../steps/subscriptions.ts';
import type { Turn } from '../steps/turn.ts';
import { letGoOverdue } from '../steps/unreleased-publishes.ts';
import { publishAllWaiting } from '../steps/waiting-publishes.ts';
import { ownStoodSince } from '../steps/witness.ts';
import { judge } from './poison.ts';
import { resumeRequests, sendRequest } from './subscribe.ts';
import { restoreSubscriptions, subscriptionsReviewed } from './subscription-restore.ts';

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
  upstream.heard();
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
  switch (suspect.purpose) {
    case 'restoring':
      return subscribing.subscriptions.has(suspect.filter);
    case 'unsubscribing':
      return subscribing.owed.has(suspect.filter);
    default:
      return upstream.awaits(suspect);
  }
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
  if (suspicion.probe && session.held && session.upstream.awaits(suspicion.probe)) {
    superviseProbe(session, turn); // it may not have gone out (I-38)
    return;
  }
  if (suspicion.probe) {
    suspicion.suspects.shift();
    suspicion.probe = undefined;
    turn.deadlines.clear(session, 'probe');
    subscriptionsReviewed(session, turn);
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
  judge(session, turn);
  if (upstream.isAnyFor('restoring')) {
    return;
  }
  for (let first = suspicion.suspects[0]; first; first = suspicion.suspects[0]) {
    const isSubscribed = first.purpose === 'restoring' && session.subscribing.subscriptions.has(first.filter);
    if (isSubscribed && turn.now < standsAt(session)) {
      superviseProbe(session, turn);
      return;
    }
    if (first.purpose === 'restoring') {
      restoreOne(session, first, turn);
    } else if (first.purpose === 'unsubscribing') {
      unsubscribeAgain(session, first, turn);
    } else if (!upstream.awaits(first)) {
      // answered, refused or forgotten meanwhile
    } else if (first.purpose === 'exchange') {
      sendAlone(session, first, turn);
    } else {
      sendRequest(session, first, turn);
    }
    if (upstream.awaits(first) && !isHeldBack(session, first)) {
      suspicion.probe = first;
      superviseProbe(session, turn);
      return;
    }
    suspicion.suspects.shift();
  }
  suspicion.active = false;
  subscriptionsReviewed(session, turn);
  resumeRest(session, turn);
}

function sendAlone(session: Session, exchange: Exchange, turn: Turn): void {
  if (!isReleasing(exchange)) {
    forward(session, exchange, turn);
  } else if (!session.held) {
    exchange.sentOn = session.upstream.connection;
    release(session, exchange, turn);
  }
}

/** PUBREL of a client that waits for the disk goes out when it does not any more. */
function isHeldBack({ held }: Session, suspect: Suspect): boolean {
  return held && suspect.purpose === 'exchange' && isReleasing(suspect);
}

function unsubscribeAgain(session: Session, unsubscribing: Unsubscribing, turn: Turn): void {
  if (session.subscribing.owed.has(unsubscribing.filter)) {
    unsubscribeUpstream(session, unsubscribing, turn);
  }
}

/** Sets the deadline (again) of the one that is out alone, or of the wait before the next one. */
export function superviseProbe(session: Session, turn: Turn): void {
  const { probe, active, quietUntil } = session.upstream.suspicion;
  const waitsUntil = turn.now < quietUntil ? quietUntil : standsAt(session);
  if (probe) {
    turn.deadlines.set(session, 'probe', turn.now + PROBE_LIMIT);
  } else if (active && turn.now < waitsUntil) {
    turn.deadlines.set(session, 'probe', waitsUntil);
  }
}

/**
 * From when on the connection has stood with nothing out for so long that nobody else has its client id. What the broker has granted once is
 * not tried before, for it has been good, and no client would hear of its end. A CONNECT that waits for it leaves half of its time.
 */
function standsAt({ upstream, attempt }: Session): Millis {
  const known = upstream.upSince + SHORT_LIVED;
  return attempt && !isPrompting(attempt) ? Math.min(known, (attempt.heldSince + attempt.holdUntil) / 2) : known;
}

/** Everything that is not suspected. */
function resumeRest(session: Session, turn: Turn): void {
  unsubscribeOwed(session, turn);
  resumeClientPublishes(session, turn);
  publishAllWaiting(session, turn);
  resumeRequests(session, turn);
}
