import type { ClientTransport } from '../../client/client-transport.ts';

/** One medium for many: a serial line, on which every node behind the forwarder hears everything. */
export class SharedMedium {
  readonly #medium: ClientTransport;
  readonly #frames = new Set<(frame: Uint8Array) => void>();
  readonly #errors = new Set<(error: Error) => void>();

  constructor(medium: ClientTransport) {
    this.#medium = medium;
    medium.onFrame((frame) => {
      for (const listener of [...this.#frames]) {
        listener(frame);
      }
    });
    medium.onError((error) => {
      for (const listener of [...this.#errors]) {
        listener(error);
      }
    });
  }

  /** The part of one of them. To close it leaves the medium open for the others. */
  part(): ClientTransport {
    let frame: (frame: Uint8Array) => void = () => undefined;
    let error: (error: Error) => void = () => undefined;
    const onFrame = (octets: Uint8Array): void => frame(octets);
    const onError = (problem: Error): void => error(problem);
    return {
      peer: this.#medium.peer,
      open: async () => {
        await this.#medium.open();
        this.#frames.add(onFrame);
        this.#errors.add(onError);
      },
      send: (octets) => this.#medium.send(octets),
      onFrame: (listener) => {
        frame = listener;
      },
      onError: (listener) => {
        error = listener;
      },
      close: async () => {
        this.#frames.delete(onFrame);
        this.#errors.delete(onError);
      },
    };
  }

  /** The end of the medium, for all. */
  close(): Promise<void> {
    return this.#medium.close();
  }
}
