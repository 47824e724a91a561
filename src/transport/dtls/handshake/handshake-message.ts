/** Handshake messages, whole and in fragments (RFC 6347 4.2.2). */
import { OctetReader } from '../octet-reader.ts';
import { joined, numberOctets } from '../wire-octets.ts';

/** Types of handshake messages (RFC 5246 7.4, RFC 6347 4.3.2). */
export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
export const HELLO_VERIFY_REQUEST = 3;
export const SERVER_KEY_EXCHANGE = 12;
export const SERVER_HELLO_DONE = 14;
export const CLIENT_KEY_EXCHANGE = 16;
export const FINISHED = 20;

/** A part of a message, or all of it. */
export interface HandshakeFragment {
  readonly type: number;
  /** Octets of the body of the whole message. */
  readonly length: number;
  readonly messageSeq: number;
  readonly offset: number;
  readonly body: Uint8Array;
}

/** A whole message. */
export interface HandshakeMessage {
  readonly type: number;
  readonly messageSeq: number;
  readonly body: Uint8Array;
}

/** The fragments that a record has in it; several messages may share one. Throws `MalformedError`. */
export function handshakeFragments(content: Uint8Array): HandshakeFragment[] {
  const reader = new OctetReader(content);
  const fragments: HandshakeFragment[] = [];
  do {
    const type = reader.number(1);
    const length = reader.number(3);
    const messageSeq = reader.number(2);
    const offset = reader.number(3);
    const body = reader.vector(3);
    fragments.push({ type, length, messageSeq, offset, body });
  } while (reader.left > 0);
  return fragments;
}

/** A message in one fragment: how it is sent, and what the transcript has of it (RFC 6347 4.2.6). */
export function handshakeOctets({ type, messageSeq, body }: HandshakeMessage): Uint8Array {
  const length = numberOctets(body.length, 3);
  return joined(numberOctets(type, 1), length, numberOctets(messageSeq, 2), numberOctets(0, 3), length, body);
}
