/**
 * The client's way to its gateway: frames out, frames in, nothing known of what they mean. `UdpClientTransport` is one; a serial line
 * is another.
 */
export interface ClientTransport {
  /** The gateway's address, for people. */
  readonly peer: string;
  /** The most octets that a frame may have; left out: any. */
  readonly maxFrame?: number;
  /** Resolves when frames can be sent; at once where they can already. Rejects with a readable error. */
  open(): Promise<void>;
  /** Never throws; what cannot be sent is told to `onError`, if at all. */
  send(frame: Uint8Array): void;
  /** Who gets each whole frame that comes from the gateway; the frame's memory is not used again. One listener. */
  onFrame(listener: (frame: Uint8Array) => void): void;
  /** Who is told of errors of the medium, such as ECONNREFUSED. Not the end of anything: frames are retransmitted (§6.13). One listener. */
  onError(listener: (error: Error) => void): void;
  /** The gateway has not answered, however often it was asked: where the way has a state of its own, that may be what is lost. */
  unanswered?(): void;
  /** Resolves when the medium is free; what was sent has left by then. It can be opened again. */
  close(): Promise<void>;
}
