import type { ClientTransport } from '../../src/client/client-transport.ts';

/** What a test double offers to a client that is to run on it. */
export interface FrameSource {
  /** The gateway's address, for people. */
  readonly peer: string;
  /** May throw; the client is told. */
  send(frame: Uint8Array): void;
  /** Any number of listeners; the result takes this one away. */
  onFrame(listener: (frame: Uint8Array) => void): () => void;
}

/** A client's way to the gateway by way of a test double. Closing it leaves the double as it is. */
export function frameTransport(source: FrameSource): ClientTransport {
  let listener: (frame: Uint8Array) => void = () => undefined;
  let tellError: (error: Error) => void = () => undefined;
  let unsubscribe: (() => void) | undefined;
  return {
    peer: source.peer,
    async open() {
      unsubscribe ??= source.onFrame((frame) => listener(frame));
    },
    send(frame) {
      try {
        source.send(frame);
      } catch (error) {
        tellError(error instanceof Error ? error : new Error(String(error)));
      }
    },
    onFrame(added) {
      listener = added;
    },
    onError(added) {
      tellError = added;
    },
    async close() {
      unsubscribe?.();
      unsubscribe = undefined;
    },
  };
}
