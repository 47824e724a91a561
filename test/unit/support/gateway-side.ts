import { SerialPort } from 'serialport';
import { eventually, within } from '../../support/eventually.ts';
import { hexOf, octetsOf } from '../../support/raw-sensor.ts';

/** The gateway's end of a serial line, with octets in place of a gateway. */
export class GatewaySide {
  readonly port: SerialPort;
  #unread: number[] = [];

  private constructor(port: SerialPort) {
    this.port = port;
    // EIO of a device that has been pulled out; `gone` is there for that.
    port.on('error', () => undefined);
    port.on('data', (octets: Buffer) => {
      this.#unread.push(...octets);
    });
  }

  /** Opens the device as the gateway does. */
  static async open(path: string): Promise<GatewaySide> {
    const port = new SerialPort({ path, baudRate: 38_400, autoOpen: false });
    await within(
      `opening ${path}`,
      new Promise<void>((resolve, reject) => port.open((error) => (error === null ? resolve() : reject(error)))),
    );
    return new GatewaySide(port);
  }

  /** Octets in hex digits. */
  write(octets: string): void {
    this.port.write(octetsOf(octets));
  }

  /** Resolves when `serialport` has noticed that the device is gone. */
  async gone(): Promise<void> {
    const closed = this.port.isOpen
      ? new Promise<void>((resolve) => this.port.once('close', () => resolve()))
      : Promise.resolve();
    // It may read nothing over and over and notice only when it writes: see `PseudoTerminal.unplug`.
    this.port.write('\n');
    await within('the end of the open device', closed);
  }

  /** The next octets, as many as the text has pairs of hex digits; to be compared by the test. */
  async read(count: number): Promise<string> {
    await eventually(
      `${count} octets at the gateway's side, not ${hexOf(Uint8Array.from(this.#unread))}`,
      () => this.#unread.length >= count,
    );
    return hexOf(Uint8Array.from(this.#unread.splice(0, count)));
  }

  /** How many octets have come that nobody has read. */
  get unread(): number {
    return this.#unread.length;
  }

  async close(): Promise<void> {
    if (this.port.isOpen) {
      await new Promise<void>((resolve) => this.port.close(() => resolve()));
    }
  }
}
