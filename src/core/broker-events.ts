/** What the broker says, or what becomes of a connection to it, reaches the procedure of the session that the connection belongs to. */

import type {
  UpstreamAcknowledged,
  UpstreamInput,
  UpstreamSubscribed,
  UpstreamUnsubscribed,
} from './contract/input.ts';
import type { BrokerAnswer } from './contract/note.ts';
import { brokerFound, ownAttemptDecided } from './procedures/broker-return.ts';
import { clientPublishAcknowledged } from './procedures/client-publish-answers.ts';
import { refuseHeld, subscriptionAnswered, subscriptionsRestored } from './procedures/connect-outcome.ts';
import { brokerMissed, brokerReached } from './procedures/discovery.ts';
import { gatewayConnected, gatewayConnectionEnded } from './procedures/gateway-connection.ts';
import { receiveUpstreamMessage } from './procedures/gateway-publish.ts';
import { upstreamReleased } from './procedures/gateway-publish-answers.ts';
import { leftoverEvent } from './procedures/leftovers.ts';
import { operatorAcknowledged } from './procedures/operator-publish.ts';
import { barrierPassed } from './procedures/sleep.ts';
import { resumeRequests, subscribeAcknowledged, unsubscribeAcknowledged } from './procedures/subscribe.ts';
import { subscriptionRestored, unsubscribed } from './procedures/subscription-restore.ts';
import { dismissOverdue, upstreamConnected, upstreamLost, upstreamRefused } from './procedures/upstream-changes.ts';
import { resumeGoesOn } from './procedures/upstream-resume.ts';
import type { PacketUse } from './state/packet-use.ts';
import { type Session, where } from './state/session.ts';
import { answerOutOfStep, OWN } from './steps/broker-faults.ts';
import { farewellAcknowledged, farewellInTurn } from './steps/farewell.ts';
import { ownPonged, ownPublishesGoOn } from './steps/own-publishes.ts';
import { reviewOwnSession } from './steps/own-session.ts';
import type { Turn } from './steps/turn.ts';
import { publishAllWaiting } from './steps/waiting-publishes.ts';

/** An input of the upstream adapter; nothing for a connection that was closed meanwhile. */
export function brokerEvent(input: UpstreamInput, turn: Turn): void {
  if (input.connection === turn.shared.gatewayLink.upstream.connection) {
    ownConnectionEvent(input, turn);
    return;
  }
  const session = turn.directory.byConnection(input.connection);
  if (session) {
    turn.current = session;
    sessionEvent(session, input, turn);
    if (session.upstream.owesSession || session.isGone) {
      reviewOwnSession(session, turn); // I-159
    }
    session.lookAgain();
    return;
  }
  const leftover = turn.shared.leftovers.byConnection(input.connection);
  if (leftover) {
    leftoverEvent(leftover, input, turn);
  }
}

function sessionEvent(session: Session, input: UpstreamInput, turn: Turn): void {
  const { connection } = input;
  switch (input.type) {
    case 'upstream-connected':
      if (!session.upstream.shared) {
        const { away } = turn.shared.reachability;
        brokerReached(connection, turn);
        if (away) {
          brokerFound(turn);
        }
      }
      upstreamConnected(session, input, turn);
      return;
    case 'upstream-refused':
      upstreamRefused(session, input, turn);
      return;
    case 'upstream-lost':
      if (!session.upstream.shared) {
        brokerMissed(connection, session.upstream.phase === 'up', input.reason, turn);
      }
      upstreamLost(session, input, turn);
      return;
    case 'upstream-acknowledged':
    case 'upstream-subscribed':
    case 'upstream-unsubscribed':
      acknowledged(session, input, turn);
      if (session.upstream.suspicion.active) {
        resumeGoesOn(session, turn);
        subscriptionsRestored(session, turn);
      }
      return;
    case 'upstream-message':
      receiveUpstreamMessage(session, input, turn);
      return;
    case 'upstream-released':
      upstreamReleased(session, input, turn);
      return;
    case 'upstream-ponged':
      barrierPassed(session, turn);
      return;
    case 'upstream-kept':
      session.upstream.unproven.prove(input.publishes);
      return;
    case 'upstream-blocked':
      session.upstream.blocked = true;
      return;
    case 'upstream-drained':
      session.upstream.blocked = false;
      if (session.upstream.takesQos0) {
        publishAllWaiting(session, turn);
      }
      return;
  }
}

type Acknowledgement = UpstreamAcknowledged | UpstreamSubscribed | UpstreamUnsubscribed;

/** An acknowledgement finds what it is for by its packet id; one of the wrong kind, or for nothing, ends nothing (I-34). */
function acknowledged(session: Session, input: Acknowledgement, turn: Turn): void {
  const use = session.upstream.useOf(input.packetId);
  session.upstream.packetAnswered(input.packetId, answerOf(input));
  if (use === undefined || !reach(session, use, input, turn)) {
    answerOutOfStep(where(session), answerOf(input), turn);
  }
}

/** False where it is of the wrong kind. */
function reach(session: Session, use: PacketUse, input: Acknowledgement, turn: Turn): boolean {
  switch (input.type) {
    case 'upstream-acknowledged':
      if (use.purpose === 'exchange') {
        clientPublishAcknowledged(session, use, input, turn);
        farewellInTurn(session, turn);
      } else if (use.purpose === 'farewell') {
        farewellAcknowledged(session, input, turn);
      } else {
        return false;
      }
      return true;
    case 'upstream-subscribed':
      if (use.purpose === 'request' && use.type === 'SUBSCRIBE') {
        subscribeAcknowledged(session, use, input, turn);
      } else if (use.purpose === 'restoring') {
        subscriptionRestored(session, use, input, turn);
        subscriptionAnswered(session, turn);
        requestsGoOn(session, turn);
      } else {
        return false;
      }
      return true;
    case 'upstream-unsubscribed':
      if (use.purpose === 'request' && use.type === 'UNSUBSCRIBE') {
        unsubscribeAcknowledged(session, use, turn);
      } else if (use.purpose === 'unsubscribing') {
        unsubscribed(session, use, input.packetId, turn);
        requestsGoOn(session, turn);
      } else {
        return false;
      }
      return true;
  }
}

/** The broker has answered what it was told beside the requests of the client, which may have waited for that (I-53). */
function requestsGoOn(session: Session, turn: Turn): void {
  if (session.upstream.takes && !session.attempt) {
    resumeRequests(session, turn);
  }
}

function answerOf(input: Acknowledgement): BrokerAnswer {
  switch (input.type) {
    case 'upstream-acknowledged':
      return input.packet;
    case 'upstream-subscribed':
      return 'SUBACK';
    case 'upstream-unsubscribed':
      return 'UNSUBACK';
  }
}

/** The gateway's own connection only publishes: with QoS 0, or for the operator. */
function ownConnectionEvent(input: UpstreamInput, turn: Turn): void {
  if (input.type === 'upstream-connected') {
    brokerReached(input.connection, turn);
    gatewayConnected(input, turn);
    ownAttemptDecided(turn);
  } else if (input.type === 'upstream-lost' || input.type === 'upstream-refused') {
    const stood = turn.shared.gatewayLink.upstream.phase === 'up';
    gatewayConnectionEnded(input, turn);
    if (input.type === 'upstream-lost') {
      brokerMissed(input.connection, stood, input.reason, turn);
      refuseHeld(turn);
      dismissOverdue(turn);
      ownAttemptDecided(turn);
    }
  } else if (input.type === 'upstream-kept') {
    turn.shared.gatewayLink.upstream.unproven.prove(input.publishes);
  } else if (input.type === 'upstream-blocked') {
    turn.shared.gatewayLink.upstream.blocked = true;
  } else if (input.type === 'upstream-drained') {
    turn.shared.gatewayLink.upstream.blocked = false;
    ownPublishesGoOn(turn);
  } else if (input.type === 'upstream-ponged') {
    ownPonged(turn);
  } else if (input.type === 'upstream-acknowledged') {
    if (!operatorAcknowledged(input, turn)) {
      answerOutOfStep(OWN, input.packet, turn);
    }
  } else if (input.type === 'upstream-subscribed' || input.type === 'upstream-unsubscribed') {
    answerOutOfStep(OWN, answerOf(input), turn);
  }
}
