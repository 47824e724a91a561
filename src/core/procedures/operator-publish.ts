/** Publishes of the operator (`operator-published`), on the gateway's own connection. */

import type { OperatorPublished, UpstreamAcknowledged } from '../contract/input.ts';
import type { OperatorPublish } from '../state/operator-publishes.ts';
import { publishProblem } from '../steps/broker-limits.ts';
import { publishTo } from '../steps/broker-packets.ts';
import { refusalReason } from '../steps/return-codes.ts';
import type { Turn } from '../steps/turn.ts';
import { UNREACHABLE } from '../steps/witness.ts';
import { mountedTopic, mountPoint } from '../topics/mount-point.ts';
import { topicNameProblem } from '../topics/topic-name.ts';

/** Publishes of the operator that are under way at a time. */
const MOST = 256;

const BROKE = 'the connection to the broker broke before it had answered: whether it has the message is not known';

/** The operator publishes. */
export function operatorPublished(input: OperatorPublished, turn: Turn): void {
  const { token, payload, qos, retain } = input;
  const { upstream, operator } = turn.shared.gatewayLink;
  const topic = topicOf(input, turn);
  const problem =
    topicNameProblem(topic, turn.settings.clients.names) ??
    (upstream.phase === 'up' ? undefined : UNREACHABLE) ??
    publishProblem({ limits: upstream.limits, mount: '' }, { topic, payload, retain }, qos)?.reason ??
    (operator.out.size >= MOST ? `${MOST} publishes are under way already: try again in a moment` : undefined);
  if (problem !== undefined) {
    tell(token, problem, turn);
    return;
  }
  const publish: OperatorPublish = { token, topic, payload, qos, retain, packetId: 0, received: false };
  if (qos > 0) {
    operator.goesOut(publish);
    upstream.packetSent(publish.packetId);
  } else {
    upstream.unproven.wrote({ topic, octets: payload.length });
  }
  const { connection } = upstream;
  publishTo({ connection, mount: '' }, { packetId: publish.packetId, topic, payload, qos, retain, dup: false }, turn);
  if (qos === 0) {
    tell(token, undefined, turn);
  }
}

function topicOf({ topic, clientId }: OperatorPublished, turn: Turn): string {
  return clientId === undefined ? topic : mountedTopic(mountPoint(turn.settings.upstream.topicPrefix, clientId), topic);
}

/** PUBACK, PUBREC or PUBCOMP on the own connection. False where it is out of step, which ends nothing (I-34). */
export function operatorAcknowledged(input: UpstreamAcknowledged, turn: Turn): boolean {
  const { packet, packetId, reasonCode, connection } = input;
  const { upstream, operator } = turn.shared.gatewayLink;
  const publish = operator.out.get(packetId);
  upstream.packetAnswered(packetId, packet);
  if (publish === undefined || publish.received !== (packet === 'PUBCOMP')) {
    return false;
  }
  if (publish.received) {
    end(publish, undefined, turn);
  } else if (reasonCode >= 0x80) {
    end(publish, refusalReason(reasonCode), turn);
  } else if (packet === 'PUBREC') {
    publish.received = true;
    upstream.releaseSent(packetId);
    turn.emit({ type: 'upstream-release', connection, packetId });
  } else {
    end(publish, undefined, turn);
  }
  return true;
}

/** The connection broke, or the gateway stops: what was out has no answer. */
export function endOperatorPublishes(turn: Turn, problem = BROKE): void {
  for (const publish of turn.shared.gatewayLink.operator.out.values()) {
    end(publish, problem, turn);
  }
}

function end(publish: OperatorPublish, problem: string | undefined, turn: Turn): void {
  turn.shared.gatewayLink.operator.out.delete(publish.packetId);
  tell(publish.token, problem, turn);
}

function tell(token: number, problem: string | undefined, turn: Turn): void {
  turn.emit({ type: 'tell-operator', token, problem });
}
