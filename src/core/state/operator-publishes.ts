/** Publishes of the operator that are under way on the gateway's own connection. */

import { IdSequence } from './msg-id.ts';
import type { OperatorPublish } from './own-publish.ts';

export class OperatorPublishes {
  /** Those that are to go out, in order. */
  waiting: OperatorPublish[] = [];
  /** Those with QoS 1 and 2 that are out, by packet id, oldest first: nothing else on that connection has one. */
  readonly out = new Map<number, OperatorPublish>();
  readonly #packetIds = new IdSequence();

  get size(): number {
    return this.waiting.length + this.out.size;
  }

  /** Octets of their payloads. */
  get octets(): number {
    return this.all().reduce((sum, { payload }) => sum + payload.length, 0);
  }

  /** All of them, oldest first. */
  all(): readonly OperatorPublish[] {
    return [...this.out.values(), ...this.waiting];
  }

  /** It goes out, under a packet id of its own where it has QoS 1 or 2. Error where none is free. */
  goesOut(publish: OperatorPublish): void {
    if (publish.qos === 0) {
      return;
    }
    const packetId = this.#packetIds.next(this.out);
    if (packetId === undefined) {
      throw new Error('no packet id is free');
    }
    publish.packetId = packetId;
    this.out.set(packetId, publish);
  }

  /** Of so many publishes that the broker is known to have had on this connection: how many of these are behind. */
  behind(proven: number): number {
    let behind = 0;
    for (const { written } of this.out.values()) {
      behind += written > proven ? 1 : 0;
    }
    return behind;
  }

  isOut(publish: OperatorPublish): boolean {
    return this.out.get(publish.packetId) === publish;
  }

  /** It is not under way any more. */
  remove(publish: OperatorPublish): void {
    if (this.isOut(publish)) {
      this.out.delete(publish.packetId);
    }
    this.waiting = this.waiting.filter((one) => one !== publish);
  }
}
