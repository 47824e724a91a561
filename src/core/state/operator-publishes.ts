/** Publishes of the operator that are under way on the gateway's own connection. */

import type { Qos } from '../../codec/message.ts';
import { IdSequence } from './msg-id.ts';

/** One of them. */
export interface OperatorPublish {
  /** By which the operator is told. */
  readonly token: number;
  /** As the broker has it. */
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: Qos;
  readonly retain: boolean;
  /** 0: it has not gone out. */
  packetId: number;
  /** QoS 2: the broker said PUBREC. */
  received: boolean;
}

export class OperatorPublishes {
  /** Those with QoS 1 and 2 that are out, by packet id, oldest first: nothing else on that connection has one. */
  readonly out = new Map<number, OperatorPublish>();
  readonly #packetIds = new IdSequence();

  /** It goes out, under a packet id of its own. Error where none is free. */
  goesOut(publish: OperatorPublish): void {
    const packetId = this.#packetIds.next(this.out);
    if (packetId === undefined) {
      throw new Error('no packet id is free');
    }
    publish.packetId = packetId;
    this.out.set(packetId, publish);
  }
}
