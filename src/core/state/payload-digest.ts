/**
 * What is remembered of a payload that is gone: enough to tell whether a PUBLISH brings it again (T-18). Two hashes of 32 bits that
 * have nothing to do with each other, and the length: by chance, one of 2^64 other payloads of the same length looks the same. Then a new
 * message with DUP, under the MsgId, topic, QoS and retain of a finished one, would be acknowledged and not passed on. Who makes such a payload
 * on purpose loses a message of its own.
 */

/** Compared by its three numbers. */
export interface PayloadDigest {
  readonly octets: number;
  /** FNV-1a. */
  readonly hash: number;
  /** A polynomial over the octets, from the last to the first. */
  readonly check: number;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const CHECK_OFFSET = 0x9e3779b9;
const CHECK_FACTOR = 0x5bd1e995;

export function digestOf(payload: Uint8Array): PayloadDigest {
  const octets = payload.length;
  let hash = FNV_OFFSET;
  let check = CHECK_OFFSET;
  for (let at = 0; at < octets; at++) {
    hash = Math.imul(hash ^ (payload[at] ?? 0), FNV_PRIME);
    check = (Math.imul(check, CHECK_FACTOR) + (payload[octets - 1 - at] ?? 0) + 1) | 0;
  }
  return { octets, hash, check };
}

/** What a message was: enough to tell whether another one is the same. */
export interface MessageDigest extends PayloadDigest {
  readonly topic: string;
}

export function digestOfMessage({
  topic,
  payload,
}: {
  readonly topic: string;
  readonly payload: Uint8Array;
}): MessageDigest {
  return { topic, ...digestOf(payload) };
}

export function sameMessage(a: MessageDigest, b: MessageDigest): boolean {
  return a.topic === b.topic && sameDigest(a, b);
}

export function sameDigest(a: PayloadDigest, b: PayloadDigest): boolean {
  return a.octets === b.octets && a.hash === b.hash && a.check === b.check;
}

/** Whether two payloads are the same octets. */
export function samePayload(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) {
    return false;
  }
  for (let at = 0; at < a.length; at++) {
    if (a[at] !== b[at]) {
      return false;
    }
  }
  return true;
}
