/**
 * The gateway's own connection to the broker: carries QoS −1 traffic, opened on first use and kept from then on.
 * It is also how a gateway without connected clients finds out whether the broker can be reached (D-2, D-13).
 */

import type { UpstreamConnected, UpstreamLost, UpstreamRefused } from '../contract/input.ts';
import type { Deadline, DeadlineOwner, TimerName } from '../state/deadlines.ts';
import type { WaitingPublish } from '../state/offline-queue.ts';
import { reconnectDelay } from '../steps/connection.ts';
import { publishSize } from '../steps/packet-size.ts';
import { refusalReason } from '../steps/return-codes.ts';
import type { Turn } from '../steps/turn.ts';
import { noteDropped, noteOverflow } from '../steps/waiting-publishes.ts';

export class GatewayConnection implements DeadlineOwner {
  readonly timers = new Map<TimerName, Deadline>();
  #phase: 'closed' | 'connecting' | 'up' | 'waiting' = 'closed';
  #attempts = 0;
  #maximumPacketSize = Number.POSITIVE_INFINITY;
  /** Number of the connection in use; 0 = none. */
  connection = 0;

  /** The broker has accepted the connection. */
  get stands(): boolean {
    return this.#phase === 'up';
  }

  /** Publishes, or keeps the message until the connection stands (Q-4: QoS 0 upstream, retain honoured). */
  publish(publish: WaitingPublish, turn: Turn): void {
    if (this.#phase === 'up') {
      this.#send(publish, turn);
      return;
    }
    for (const dropped of turn.shared.offline.push(this, publish)) {
      noteOverflow(dropped, turn);
    }
    this.open(turn);
  }

  /** Opens the connection where it is not open or about to be. */
  open(turn: Turn): void {
    if (this.#phase !== 'closed') {
      return;
    }
    this.#connect(turn);
  }

  connected({ sessionPresent, maximumPacketSize }: UpstreamConnected, turn: Turn): void {
    this.#phase = 'up';
    this.#maximumPacketSize = maximumPacketSize ?? Number.POSITIVE_INFINITY;
    this.#attempts = 0;
    turn.note({ type: 'upstream-up', clientId: undefined, sessionPresent });
    for (const publish of turn.shared.offline.drain(this)) {
      this.#send(publish, turn);
    }
  }

  ended(input: UpstreamLost | UpstreamRefused, turn: Turn): void {
    this.connection = 0;
    this.#phase = 'waiting';
    const retryIn = reconnectDelay(this.#attempts++, turn);
    turn.deadlines.set(this, 'reconnect', turn.now + retryIn);
    const reason = input.type === 'upstream-lost' ? input.reason : refusalReason(input.reasonCode);
    turn.note({ type: 'upstream-down', clientId: undefined, reason, retryIn });
  }

  reconnectDue(turn: Turn): void {
    this.#connect(turn);
  }

  /** The gateway stops: what waits was never acknowledged and is dropped. */
  close(turn: Turn): void {
    turn.deadlines.clearAll(this);
    if (this.connection !== 0) {
      turn.emit({ type: 'upstream-close', connection: this.connection, disconnect: true });
    }
    for (const publish of turn.shared.offline.drain(this)) {
      noteDropped(publish, 'the gateway stops', turn);
    }
    this.connection = 0;
    this.#phase = 'closed';
  }

  #connect(turn: Turn): void {
    this.#phase = 'connecting';
    this.connection = turn.shared.nextConnection();
    turn.emit({
      type: 'upstream-connect',
      connection: this.connection,
      clientId: undefined,
      cleanSession: true,
      will: undefined,
    });
  }

  #send(publish: WaitingPublish, turn: Turn): void {
    const { topic, payload, retain } = publish;
    if (publishSize(publish, 0) > this.#maximumPacketSize) {
      noteDropped(publish, 'it is too long for the broker', turn);
      return;
    }
    turn.emit({
      type: 'upstream-publish',
      connection: this.connection,
      packetId: 0,
      topic,
      payload,
      qos: 0,
      retain,
      dup: false,
    });
  }
}
