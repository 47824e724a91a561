/**
 * The gateway's own connection to the broker: carries QoS −1 traffic, opened on first use and kept from then on.
 * It is also how a gateway without connected clients finds out whether the broker can be reached (D-2, D-13).
 */

import type { UpstreamConnected, UpstreamLost, UpstreamRefused } from '../contract/input.ts';
import type { WaitingPublish } from '../state/offline-queue.ts';
import { reconnectDelay } from '../steps/connection.ts';
import { publishSize } from '../steps/packet-size.ts';
import { refusalReason } from '../steps/return-codes.ts';
import type { Turn } from '../steps/turn.ts';
import { noteDropped, noteOverflow } from '../steps/waiting-publishes.ts';

/** Publishes, or keeps the message until the connection stands (Q-4: QoS 0 upstream, retain honoured). */
export function publishByGateway(publish: WaitingPublish, turn: Turn): void {
  const link = turn.shared.gatewayLink;
  if (link.upstream.takesQos0) {
    send(publish, turn);
    return;
  }
  for (const dropped of turn.shared.offline.push(link, publish)) {
    noteOverflow(dropped, turn);
  }
  openGatewayConnection(turn);
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
  turn.shared.gatewayLink.upstream.begins(connection);
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
  turn.note({ type: 'upstream-up', clientId: undefined, sessionPresent: input.sessionPresent });
  publishAllByGateway(turn);
}

/** What waited for the connection goes out. */
export function publishAllByGateway(turn: Turn): void {
  for (const publish of turn.shared.offline.drain(turn.shared.gatewayLink)) {
    send(publish, turn);
  }
}

/** It is over, or was never made: tried again after a pause. */
export function gatewayConnectionEnded(input: UpstreamLost | UpstreamRefused, turn: Turn): void {
  const link = turn.shared.gatewayLink;
  link.upstream.ended('waiting');
  const retryIn = reconnectDelay(link.upstream.attempts++, turn);
  turn.deadlines.set(link, 'reconnect', turn.now + retryIn);
  const reason = input.type === 'upstream-lost' ? input.reason : refusalReason(input.reasonCode);
  turn.note({ type: 'upstream-down', clientId: undefined, reason, retryIn });
}

/** The gateway stops: what waits was never acknowledged and is dropped. */
export function closeGatewayConnection(turn: Turn): void {
  const link = turn.shared.gatewayLink;
  turn.deadlines.clearAll(link);
  const { connection, phase } = link.upstream;
  if (phase === 'up') {
    publishAllByGateway(turn);
  }
  if (connection !== 0) {
    turn.emit({ type: 'upstream-close', connection, disconnect: true });
  }
  for (const publish of turn.shared.offline.drain(link)) {
    noteDropped(publish, 'the gateway stops', turn);
  }
  link.upstream.ended('closed');
}

function send(publish: WaitingPublish, turn: Turn): void {
  const { topic, payload, retain } = publish;
  const { connection, maximumPacketSize } = turn.shared.gatewayLink.upstream;
  if (publishSize(publish, 0) > maximumPacketSize) {
    noteDropped(publish, 'it is too long for the broker', turn);
    return;
  }
  turn.emit({ type: 'upstream-publish', connection, packetId: 0, topic, payload, qos: 0, retain, dup: false });
}
