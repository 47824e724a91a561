import { isDoubtful, messageExtent } from '../codec/message-extent.ts';
import { makeFraming } from '../transport/framing/make-framing.ts';
import { LineReader } from '../transport/line/line-reader.ts';
import { LineWriter } from '../transport/line/line-writer.ts';
import { type OpenPort, openSystemPort, type PortOpener } from '../transport/line/serial-port.ts';
import { octetsPerSecond, type SerialPortSettings } from '../transport/line/serial-port-settings.ts';
import type { ClientTransport } from './client-transport.ts';

export interface SerialClientTransportOptions extends Pick<SerialPortSettings, 'path' | 'baudRate'> {
  /** How frames are told apart, as the gateway's serial transport has it at the other end. */
  readonly framing: 'length' | 'slip' | 'cobs';
  /** CRC behind each frame; only with `slip` and `cobs`. */
  readonly crc: 'none' | 'ccitt' | 'modbus';
  /** Another way to open a port than the operating system's. */
  readonly opener?: PortOpener;
}

/** Octets of the largest frame in either direction. */
const MAX_FRAME = 65_535;
/** Silence that ends a broken frame, in milliseconds; as the gateway has it by default. */
const INTER_FRAME_GAP = 100;
/** Frames that wait for the line at most. */
const MAX_WAITING = 512;
/** How often it is looked whether everything has left, and for how long at most, in milliseconds. */
const LOOK_AGAIN = 5;
const FLUSH_LIMIT = 1_000;

/** What to do where a port cannot be opened, by the code of the error. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such device ("mqtt-sn-gateway ports" lists what is)',
  EACCES: 'permission denied; add yourself to the group dialout ("sudo usermod -aG dialout $USER"), then log in again',
  EBUSY: 'another program uses it (the gateway itself, a serial monitor?): the line has one program at each end',
  ENOTTY: 'it is no serial port',
};

/** MQTT-SN over a serial line of 8N1, with a gateway at its other end. */
export class SerialClientTransport implements ClientTransport {
  readonly peer: string;
  readonly #options: SerialClientTransportOptions;
  readonly #reader: LineReader;
  readonly #writer: LineWriter;
  readonly #waiting: Uint8Array[] = [];
  #opening: Promise<OpenPort> | undefined;
  #port: OpenPort | undefined;
  #frame: (frame: Uint8Array) => void = () => undefined;
  #error: (error: Error) => void = () => undefined;

  constructor(options: SerialClientTransportOptions) {
    const { path, baudRate, framing: name, crc } = options;
    this.#options = options;
    this.peer = `${path} (${baudRate} baud, framing ${name}${crc === 'none' ? '' : ` with CRC ${crc}`})`;
    const framing = makeFraming({ framing: name, crc, maxFrame: MAX_FRAME, measure: messageExtent, isDoubtful });
    this.#reader = new LineReader({
      framing,
      interFrameGap: INTER_FRAME_GAP,
      frame: (frame) => this.#frame(frame),
      discarded: (octets, reason) => this.#error(new Error(`${octets} octets on ${path} make no frame (${reason})`)),
    });
    this.#writer = new LineWriter({
      octetsPerSecond: octetsPerSecond(this.#settings()),
      next: () => {
        const frame = this.#waiting.shift();
        return frame && framing.encode(frame);
      },
      write: (octets) => this.#port?.write(octets),
      pending: () => this.#port?.pending ?? 0,
    });
  }

  async open(): Promise<void> {
    const { path, opener = openSystemPort } = this.#options;
    this.#opening ??= opener(this.#settings(), {
      octets: (octets) => this.#reader.receive(octets),
      closed: (error) => this.#lost(error),
    });
    try {
      this.#port = await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      const { code = '', message } = error as { readonly code?: string; readonly message: string };
      throw new Error(`cannot open ${path}: ${ADVICE[code] ?? message}`, { cause: error });
    }
  }

  send(frame: Uint8Array): void {
    if (this.#port === undefined || this.#waiting.length === MAX_WAITING) {
      const why = this.#port === undefined ? 'is not open' : 'has too many frames waiting';
      this.#error(new Error(`a frame was not sent: ${this.#options.path} ${why}`));
      return;
    }
    this.#waiting.push(frame);
    this.#writer.kick();
  }

  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#frame = listener;
  }

  onError(listener: (error: Error) => void): void {
    this.#error = listener;
  }

  async close(): Promise<void> {
    const port = await this.#opening?.catch(() => undefined);
    const limit = performance.now() + FLUSH_LIMIT;
    while (this.#port !== undefined && this.#busy && performance.now() < limit) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    }
    this.#closed();
    await port?.close();
  }

  get #busy(): boolean {
    return this.#waiting.length > 0 || this.#writer.busyFor > 0;
  }

  #settings(): SerialPortSettings {
    const { path, baudRate } = this.#options;
    return { path, baudRate, dataBits: 8, parity: 'none', stopBits: 1, rtscts: false };
  }

  #lost(error: Error): void {
    this.#closed();
    this.#error(new Error(`${this.#options.path} is gone (unplugged?): ${error.message}`, { cause: error }));
  }

  #closed(): void {
    this.#opening = undefined;
    this.#port = undefined;
    this.#waiting.length = 0;
    this.#reader.stop();
    this.#writer.stop();
  }
}
