import type { ClientTransport } from '../../client/client-transport.ts';

/** A transport whose own address changes, as behind a router that gives out ports anew (NAT): the client above notices nothing. */
export class MovingTransport implements ClientTransport {
  readonly #make: () => ClientTransport;
  #medium: ClientTransport;
  #isOpen = false;
  #frame: (frame: Uint8Array) => void = () => undefined;
  #error: (error: Error) => void = () => undefined;

  /** `make`: a transport with another address each time. */
  constructor(make: () => ClientTransport) {
    this.#make = make;
    this.#medium = this.#made();
  }

  get peer(): string {
    return this.#medium.peer;
  }

  async open(): Promise<void> {
    await this.#medium.open();
    this.#isOpen = true;
  }

  send(frame: Uint8Array): void {
    this.#medium.send(frame);
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#frame = listener;
  }

  onError(listener: (error: Error) => void): void {
    this.#error = listener;
  }

  unanswered(): void {
    this.#medium.unanswered?.();
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#medium.close();
  }

  /** Goes on from another address. What was on its way to the old one is lost. Resolves when it can be sent from there. */
  async move(): Promise<void> {
    if (!this.#isOpen) {
      return;
    }
    const old = this.#medium;
    const next = this.#made();
    await next.open();
    if (!this.#isOpen) {
      await next.close();
      return;
    }
    this.#medium = next;
    await old.close();
  }

  #made(): ClientTransport {
    const medium = this.#make();
    medium.onFrame((frame) => {
      if (medium === this.#medium) {
        this.#frame(frame);
      }
    });
    medium.onError((error) => this.#error(error));
    return medium;
  }
}
