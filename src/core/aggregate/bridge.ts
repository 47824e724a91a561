/**
 * A client that shared the connection has one of its own now, and the broker has no session for that yet: what comes on the shared one is for it still (I-159).
 * For a moment messages come by both; what came so with QoS 0 or 2 is known, and given once.
 */

import type { UpstreamMessage } from '../contract/input.ts';
import { digestOfMessage, type MessageDigest, sameMessage } from '../state/payload-digest.ts';

/** So many messages are remembered; a broker has no more out at a time on a connection. */
const MOST = 64;

export class Bridge {
  /** Messages with QoS 0 and 2 that have come by one of both, since the own connection stands. */
  readonly #shared: MessageDigest[] = [];
  readonly #own: MessageDigest[] = [];
  /** Packet ids of those with QoS 2 that the session has heard of on its own connection. */
  readonly #heard: number[] = [];
  /** The broker has the session: the bridge ends when it has nothing left for the shared one of before. */
  isDone = false;

  /** One comes on the shared connection. Whether it has come on the other. */
  comesShared(topic: string, payload: Uint8Array): boolean {
    return meets(digestOfMessage({ topic, payload }), this.#own, this.#shared);
  }

  /** One comes on the own connection. Whether it has come on the shared one. What the session has heard of, and comes again, is none. */
  comesOwn({ topic, payload, packetId, dup }: UpstreamMessage): boolean {
    if (dup && this.#heard.includes(packetId)) {
      return false;
    }
    const isSecond = meets(digestOfMessage({ topic, payload }), this.#shared, this.#own);
    if (!isSecond && packetId !== 0) {
      this.#heard.push(packetId);
      this.#heard.splice(0, this.#heard.length - MOST);
    }
    return isSecond;
  }
}

/** Whether it is among the others; if so it is not any more, else it is one of its own kind. */
function meets(digest: MessageDigest, others: MessageDigest[], own: MessageDigest[]): boolean {
  const at = others.findIndex((other) => sameMessage(other, digest));
  if (at >= 0) {
    others.splice(at, 1);
    return true;
  }
  own.push(digest);
  own.splice(0, own.length - MOST);
  return false;
}
