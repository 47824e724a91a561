/**
 * The gateway's own connection to the broker: carries QoS −1 traffic, opened at the start and kept from then on.
 * It is also how the gateway finds out whether the broker can be reached (D-2, D-13), and the witness of what becomes of others (I-13, I-40).
 */

import type { UpstreamConnected, UpstreamLost, UpstreamRefused } from '../contract/input.ts';
import { AFTER_DEFECT } from '../state/deadlines.ts';
import type { WaitingPublish } from '../state/offline-queue.ts';
import { noteUnproven, OWN } from '../steps/broker-faults.ts';
import { dropsOwn, ownBroke, ownStands, sendAllOwn, sendsOwn } from '../steps/own-publishes.ts';
import { reconnectDelay } from '../steps/reconnect-delay.ts';
import { refusalOf } from '../steps/return-codes.ts';
import type { Turn } from '../steps/turn.ts';
import { noteDropped, noteOverflow } from '../steps/waiting-publishes.ts';
import { ownPause, urge } from '../steps/witness.ts';
import { mountPoint } from '../topics/mount-point.ts';
import { brokerAnswered, ownUnsettled } from './broker-return.ts';
import { endOperatorPublishes, operatorConnectionEnded } from './operator-publish.ts';

/** Connections in a row that end within a minute, alone and without a reason: somebody else may have the client id (I-45), or the broker closes every one. */
const SHORT_LIVED_LIMIT = 3;

/** Publishes, or keeps the message until the connection stands (Q-4: QoS 0 upstream, retain honoured). */
export function publishByGateway(publish: WaitingPublish, turn: Turn): void {
  if (dropsOwn(publish, turn) || sendsOwn(publish, turn)) {
    return;
  }
  const link = turn.shared.gatewayLink;
  for (const dropped of turn.shared.offline.push(link, publish)) {
    noteOverflow(dropped, turn);
  }
  if (link.upstream.phase !== 'up') {
    urge(turn.now + turn.settings.upstream.grace, turn);
    openGatewayConnection(turn);
  }
}

/** Opens the connection where it is not open or about to be. */
export function openGatewayConnection(turn: Turn): void {
  if (turn.shared.gatewayLink.upstream.phase === 'closed') {
    connectGateway(turn);
  }
}

/** Connects: at first, and again when the pause after a failure is over. */
export function connectGateway(turn: Turn): void {
  const connection = turn.shared.nextConnection();
  const { upstream } = turn.shared.gatewayLink;
  upstream.mount = mountPoint(turn.settings.upstream.topicPrefix, undefined);
  upstream.begins(connection, turn.now);
  turn.emit({
    type: 'upstream-connect',
    connection,
    clientId: undefined,
    cleanSession: true,
    will: undefined,
  });
}

/** The broker has accepted the connection. */
export function gatewayConnected(input: UpstreamConnected, turn: Turn): void {
  const link = turn.shared.gatewayLink;
  link.upstream.stands(input, turn.now);
  turn.shared.reachability.witnessed = true;
  brokerAnswered(turn);
  turn.note({ type: 'upstream-up', ...OWN, sessionPresent: input.sessionPresent });
  ownStands(turn);
}

/** It is over, or was never made: tried again after a pause. */
export function gatewayConnectionEnded(input: UpstreamLost | UpstreamRefused, turn: Turn): void {
  const { gatewayLink: link, reachability } = turn.shared;
  const { upstream } = link;
  reachability.ended(upstream.connection);
  turn.deadlines.set(link, 'reconnect', turn.now + AFTER_DEFECT); // set again below: but whatever breaks, the broker is looked for
  if (upstream.phase === 'up' && upstream.lasted(turn.now)) {
    reachability.broughtForward = false; // another outage
    link.trials.excused = 0;
  }
  noteUnproven(OWN, upstream, turn, link.operator.behind(upstream.unproven.proven));
  const stood = upstream.phase === 'up';
  const wasWary = link.trials.isWary(turn.now);
  let isExplained = false;
  if (upstream.phase !== 'up') {
    link.trials.accused = undefined; // the broker is away: no publish was the reason
    upstream.attempts += link.trials.excused;
    link.trials.excused = 0;
  } else if (input.type === 'upstream-lost') {
    isExplained = ownBroke(input, turn);
  }
  operatorConnectionEnded(stood, turn);
  upstream.fell(turn.now);
  ownUnsettled(turn);
  const refused = input.type === 'upstream-refused';
  const contested = !refused && isContested(input, isExplained, turn);
  const isWitnessed = reachability.stoodBeside(upstream.connection, upstream.upSince);
  reachability.answers = refused || contested;
  upstream.ended();
  upstream.waits();
  const isExcused = link.trials.accused !== undefined;
  const isFirst = isExplained && !wasWary; // the broker is there, most likely; those behind it are tried
  const attempts = isExcused || isFirst ? 0 : upstream.attempts;
  const retryIn = ownPause(reconnectDelay(attempts, turn.settings, turn.shared.random), turn);
  if (isExcused) {
    link.trials.excused++;
  } else {
    upstream.attempts++;
  }
  turn.deadlines.set(link, 'reconnect', turn.now + retryIn);
  const reason = refused ? refusalOf(input) : input.reason;
  const away = !stood && !refused && !reachability.anyUp;
  const how = { ...(stood && { stood: true as const }), ...(away && { away: true as const }) };
  turn.note({ type: 'upstream-down', ...OWN, reason, retryIn, ...how });
  if (contested) {
    turn.note({
      type: 'own-connection-contested',
      proof: input.takenOver ? 'broker' : isWitnessed ? 'client' : 'none',
    });
  }
  if (reachability.answers) {
    brokerAnswered(turn); // no witness, but the broker is there: clients try by themselves
  }
}

/** Whether somebody else at the broker seems to have the client id of the own connection (I-45). `isExplained`: a publish may be the reason. */
function isContested({ takenOver, ours, reasonCode }: UpstreamLost, isExplained: boolean, turn: Turn): boolean {
  const { gatewayLink, reachability } = turn.shared;
  const { upstream } = gatewayLink;
  const alone = reachability.falls === gatewayLink.fallsSeen;
  gatewayLink.fallsSeen = reachability.falls;
  const short = upstream.phase === 'up' && !ours && reasonCode === undefined && !upstream.lasted(turn.now);
  if (!short) {
    upstream.shortLived = 0;
  } else if (!isExplained) {
    upstream.shortLived = alone ? upstream.shortLived + 1 : 1;
  }
  return takenOver || upstream.shortLived >= SHORT_LIVED_LIMIT;
}

/** The gateway stops: what waits was never acknowledged and is dropped. */
export function closeGatewayConnection(turn: Turn): void {
  const link = turn.shared.gatewayLink;
  turn.deadlines.clearAll(link);
  const { connection, phase } = link.upstream;
  endOperatorPublishes(turn);
  if (phase === 'up') {
    sendAllOwn(turn);
  }
  if (connection !== 0) {
    turn.emit({ type: 'upstream-close', connection, disconnect: true });
  }
  for (const publish of turn.shared.offline.drain(link)) {
    noteDropped(publish, 'the gateway stops', turn);
  }
  link.upstream.ended();
}
