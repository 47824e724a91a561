/** Packets for the broker that wait for the disk, by connection: where one breaks, these have not gone out on it. */
import type { UpstreamEffect } from '../core/contract/effect.ts';
import type { KeptBack } from '../core/contract/upstream-lost.ts';

export class KeptPackets {
  readonly #byConnection = new Map<number, Set<UpstreamEffect>>();

  add(effect: UpstreamEffect): void {
    const kept = this.#byConnection.get(effect.connection) ?? new Set();
    this.#byConnection.set(effect.connection, kept.add(effect));
  }

  /** It waits no longer. */
  delete(effect: UpstreamEffect): void {
    const kept = this.#byConnection.get(effect.connection);
    if (kept?.delete(effect) && kept.size === 0) {
      this.#byConnection.delete(effect.connection);
    }
  }

  /** Undefined: none waits. */
  of(connection: number): KeptBack | undefined {
    const kept = this.#byConnection.get(connection);
    if (kept === undefined) {
      return undefined;
    }
    const packetIds = new Set<number>();
    let qos0 = 0;
    for (const effect of kept) {
      if (effect.type === 'upstream-publish' && effect.qos === 0) {
        qos0++;
      } else if ('packetId' in effect && effect.type !== 'upstream-acknowledge') {
        packetIds.add(effect.packetId);
      }
    }
    return { packetIds, qos0 };
  }
}
