/**
 * Publishes of the operator, on the gateway's own connection (I-104): in order, a bounded number at a time, each told of within half a minute. How
 * they go out is in steps/own-publishes.ts.
 */

import type { OperatorPublished, UpstreamAcknowledged } from '../contract/input.ts';
import type { Millis } from '../contract/units.ts';
import type { OperatorPublish } from '../state/own-publish.ts';
import { tellLeft, tellOperator } from '../steps/operator-answers.ts';
import { ownAnswered, ownPublishesGoOn } from '../steps/own-publishes.ts';
import { refusalReason } from '../steps/return-codes.ts';
import type { Turn } from '../steps/turn.ts';
import { UNREACHABLE, urge } from '../steps/witness.ts';
import { mountedTopic, mountPoint } from '../topics/mount-point.ts';
import { topicNameProblem } from '../topics/topic-name.ts';

/** Publishes of the operator that are under way at a time, and octets of their payloads, where there is more than one. */
const MOST = 256;
const MOST_OCTETS = 4 << 20;

/** How long the operator waits for an answer at the longest. */
const PATIENCE: Millis = 30_000;

const TOO_MANY = 'too many publishes are under way already: try again in a moment';
const NOT_SENT = `it could not be sent within ${PATIENCE / 1_000} s`;
const NOT_ANSWERED = `the broker has not answered within ${PATIENCE / 1_000} s: whether it has the message is not known`;
const NOT_FINISHED =
  'the connection to the broker broke before it had finished: whether it has the message is not known';

/** The operator publishes. */
export function operatorPublished(input: OperatorPublished, turn: Turn): void {
  const { token, payload, qos, retain } = input;
  const { gatewayLink: link } = turn.shared;
  const { operator } = link;
  const topic = topicOf(input, turn);
  const isTooMuch = operator.size >= MOST || (operator.size > 0 && operator.octets + payload.length > MOST_OCTETS);
  const problem = topicNameProblem(topic, turn.settings.clients.names) ?? (isTooMuch ? TOO_MANY : undefined);
  if (problem !== undefined) {
    turn.emit({ type: 'tell-operator', token, problem });
    return;
  }
  operator.waiting.push({
    token,
    topic,
    payload,
    qos,
    retain,
    clientId: undefined,
    link: 'operator',
    host: undefined,
    mount: '',
    until: turn.now + PATIENCE,
    packetId: 0,
    written: 0,
    received: false,
    told: false,
  });
  ownPublishesGoOn(turn);
  if (link.upstream.phase !== 'up') {
    urge(turn.now + PATIENCE, turn);
  }
  supervise(turn);
}

function topicOf({ topic, clientId }: OperatorPublished, turn: Turn): string {
  return clientId === undefined ? topic : mountedTopic(mountPoint(turn.settings.upstream.topicPrefix, clientId), topic);
}

/** PUBACK, PUBREC or PUBCOMP on the own connection. False where it is out of step, which ends nothing (I-34). */
export function operatorAcknowledged(input: UpstreamAcknowledged, turn: Turn): boolean {
  const { packet, packetId } = input;
  const { upstream, operator } = turn.shared.gatewayLink;
  const publish = operator.out.get(packetId);
  upstream.packetAnswered(packetId, packet);
  if (publish === undefined || publish.received !== (packet === 'PUBCOMP')) {
    return false;
  }
  answered(publish, input, turn);
  ownAnswered(turn);
  return true;
}

function answered(
  publish: OperatorPublish,
  { packet, packetId, reasonCode, connection }: UpstreamAcknowledged,
  turn: Turn,
): void {
  if (publish.received) {
    tellOperator(publish, undefined, turn);
  } else if (reasonCode >= 0x80) {
    tellOperator(publish, refusalReason(reasonCode), turn);
  } else if (packet === 'PUBREC') {
    publish.received = true;
    turn.shared.gatewayLink.upstream.releaseSent(packetId);
    turn.emit({ type: 'upstream-release', connection, packetId });
  } else {
    tellOperator(publish, undefined, turn);
  }
}

/**
 * The own connection is over. What was out with QoS 1 and 2 goes out again on the next one; where PUBREL had gone out it does not, for the broker may
 * have passed the message on (I-6). `stood` false: an attempt in vain, and what has never gone out is told so.
 */
export function operatorConnectionEnded(stood: boolean, turn: Turn): void {
  const { operator } = turn.shared.gatewayLink;
  for (const publish of operator.all()) {
    if (publish.received) {
      tellOperator(publish, NOT_FINISHED, turn);
    } else if (publish.told) {
      operator.remove(publish);
    } else if (!stood && publish.packetId === 0) {
      tellOperator(publish, UNREACHABLE, turn);
    }
  }
  operator.waiting = [...operator.all()];
  operator.out.clear();
  supervise(turn);
}

/** Nobody waits longer than for half a minute. */
export function operatorDue(turn: Turn): void {
  for (const publish of turn.shared.gatewayLink.operator.all()) {
    if (publish.until <= turn.now) {
      giveUp(publish, turn);
    }
  }
  supervise(turn);
}

function giveUp(publish: OperatorPublish, turn: Turn): void {
  const { operator } = turn.shared.gatewayLink;
  if (operator.isOut(publish)) {
    tellLeft(publish, NOT_ANSWERED, turn);
  } else {
    tellOperator(publish, publish.packetId === 0 ? NOT_SENT : NOT_ANSWERED, turn);
  }
}

function supervise(turn: Turn): void {
  const { gatewayLink: link } = turn.shared;
  const first = link.operator.all().find(({ told }) => !told);
  if (first) {
    turn.deadlines.set(link, 'operator', first.until);
  } else {
    turn.deadlines.clear(link, 'operator');
  }
}

/** The gateway stops. */
export function endOperatorPublishes(turn: Turn): void {
  for (const publish of turn.shared.gatewayLink.operator.all()) {
    tellOperator(publish, 'the gateway stops', turn);
  }
}
