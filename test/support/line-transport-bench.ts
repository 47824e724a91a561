import type { Observer } from '../../src/ports/observer.ts';
import type { TransportInput } from '../../src/ports/transport.ts';
import type { OpenPort, PortEvents, PortOpener } from '../../src/transport/line/serial-port.ts';

/** What a transport over a serial port is made with in a test: a port that is always there, and takes octets from the test. */
export class LineTransportBench {
  /** What the transport has told. */
  readonly inputs: TransportInput[] = [];
  readonly listener = (input: TransportInput): unknown => this.inputs.push(input);
  readonly observer: Observer = { wantsFrames: false, note: () => undefined, frame: () => undefined };
  readonly advertise = false;
  /** What has been written to the port. */
  readonly written: Uint8Array[] = [];
  /** Octets that the operating system has not taken. */
  pending = 0;
  #events: PortEvents | undefined;

  readonly opener: PortOpener = async (_, events) => {
    this.#events = events;
    const pendingNow = (): number => this.pending;
    const port: OpenPort = {
      get pending() {
        return pendingNow();
      },
      write: (octets) => void this.written.push(octets),
      close: async () => undefined,
    };
    return port;
  };

  /** Octets come from the peer. */
  come(octets: Uint8Array): void {
    this.#events?.octets(octets);
  }

  /** The frames that the transport has handed up. */
  get frames(): readonly TransportInput[] {
    return this.inputs.filter(({ type }) => type === 'frame-received');
  }
}
