/**
 * What the session that the broker has for a client has collected as well, of messages with QoS 2 that the client was being given on the shared connection (I-158):
 * it goes on here, and does not come there.
 */

import type { UpstreamMessage } from '../contract/input.ts';
import { digestOfMessage, type MessageDigest, sameMessage } from '../state/payload-digest.ts';

interface Entry {
  readonly digest: MessageDigest;
  /** By which it has come there; 0: it has not. */
  packetId: number;
}

/** Of one client: as many as it was being given. */
export class Collected {
  readonly #entries: Entry[];

  constructor(messages: readonly { readonly topic: string; readonly payload: Uint8Array }[]) {
    this.#entries = messages.map((message) => ({ digest: digestOfMessage(message), packetId: 0 }));
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Something comes on the own connection. Whether it is one of them, or is one once more. */
  has({ topic, payload, qos, packetId, dup }: UpstreamMessage): boolean {
    if (qos !== 2) {
      return false;
    }
    const digest = digestOfMessage({ topic, payload });
    const isFit = (entry: Entry): boolean => entry.packetId === 0 || (dup && entry.packetId === packetId);
    const entry = this.#entries.find((one) => isFit(one) && sameMessage(one.digest, digest));
    if (entry) {
      entry.packetId = packetId;
    }
    return entry !== undefined;
  }

  /** PUBREL of the broker: that one comes no more. */
  released(packetId: number): void {
    const at = this.#entries.findIndex((entry) => entry.packetId === packetId);
    if (at >= 0) {
      this.#entries.splice(at, 1);
    }
  }
}
