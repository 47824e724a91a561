import { decode } from '../codec/decode.ts';
import { DecodeError } from '../codec/decode-error.ts';
import { encode } from '../codec/encode.ts';
import type { MessageOf } from '../codec/message.ts';
import type { ClientTransport } from './client-transport.ts';

/** The longest wireless node id: the Length of an encapsulation is one octet (§5.5). */
export const MAX_WIRELESS_NODE_ID = 252;

/**
 * A node behind a forwarder (§5.5): each frame goes out encapsulated with the node's id, as a forwarder would pass it on, and only what is
 * addressed to that node is heard.
 */
export class ForwardedClientTransport implements ClientTransport {
  readonly peer: string;
  readonly #medium: ClientTransport;
  readonly #wirelessNodeId: Uint8Array;

  /** `wirelessNodeId`: 1 to 252 octets. */
  constructor(medium: ClientTransport, wirelessNodeId: Uint8Array) {
    this.#medium = medium;
    this.#wirelessNodeId = wirelessNodeId;
    this.peer = medium.peer;
  }

  open(): Promise<void> {
    return this.#medium.open();
  }

  send(frame: Uint8Array): void {
    this.#medium.send(encode({ type: 'ENCAPSULATED', radius: 0, wirelessNodeId: this.#wirelessNodeId, frame }));
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#medium.onFrame((octets) => {
      const inner = this.#forThisNode(octets);
      if (inner !== undefined) {
        listener(inner);
      }
    });
  }

  onError(listener: (error: Error) => void): void {
    this.#medium.onError(listener);
  }

  unanswered(): void {
    this.#medium.unanswered?.();
  }

  close(): Promise<void> {
    return this.#medium.close();
  }

  #forThisNode(octets: Uint8Array): Uint8Array | undefined {
    const message = encapsulation(octets);
    if (message === undefined || Buffer.compare(message.wirelessNodeId, this.#wirelessNodeId) !== 0) {
      return undefined;
    }
    return message.frame;
  }
}

function encapsulation(octets: Uint8Array): MessageOf<'ENCAPSULATED'> | undefined {
  try {
    const message = decode(octets);
    return message.type === 'ENCAPSULATED' ? message : undefined;
  } catch (error) {
    if (error instanceof DecodeError) {
      return undefined;
    }
    throw error;
  }
}
