import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { describeFrame as describeMessage } from '../../src/codec/describe.ts';
import { Collected } from './eventually.ts';

/** Octets, or their hex digits with any white space between them. */
export type Octets = string | Uint8Array;

/** One datagram of the conversation. */
export interface LoggedFrame {
  readonly direction: 'sent' | 'received';
  readonly frame: Uint8Array;
}

/** Where the gateway is. */
export interface RawSensorOptions {
  readonly port: number;
  /** Default 127.0.0.1; an IPv6 address makes an IPv6 sensor. */
  readonly host?: string;
  /** Own port; default: any free one. */
  readonly localPort?: number;
}

/**
 * A sensor without a protocol stack: it sends the octets that the test writes down and compares what comes back with the octets
 * that the test writes down. Its socket is connected, as those of many real clients: what comes from another port is not seen.
 */
export class RawSensor {
  /** Own port. */
  readonly port: number;
  /** All datagrams of both directions, in order. */
  readonly log: LoggedFrame[] = [];
  readonly #socket: Socket;
  readonly #host: string;
  readonly #arrived = new Collected<Uint8Array>('datagrams at the sensor');
  #taken = 0;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    this.port = socket.address().port;
    // ECONNREFUSED: nobody listens there (yet); the missing answer fails the test.
    socket.on('error', () => undefined);
    socket.on('message', (frame: Buffer) => {
      this.log.push({ direction: 'received', frame });
      this.#arrived.add(frame);
    });
  }

  /** Resolves when frames can be exchanged. */
  static async open({ port, host = '127.0.0.1', localPort = 0 }: RawSensorOptions): Promise<RawSensor> {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(localPort, host, () => socket.connect(port, host, () => resolve()));
    });
    socket.removeAllListeners('error');
    return new RawSensor(socket, host);
  }

  /** The link under which a UDP transport of this name knows the sensor. */
  link(transport = 'udp'): string {
    return isIPv6(this.#host) ? `${transport}:[${this.#host}]:${this.port}` : `${transport}:${this.#host}:${this.port}`;
  }

  /** All datagrams that came so far. */
  get received(): readonly Uint8Array[] {
    return this.#arrived.items;
  }

  send(octets: Octets): void {
    const frame = octetsOf(octets);
    this.log.push({ direction: 'sent', frame });
    this.#socket.send(frame);
  }

  /** The next datagram that no `next` or `expect` has taken yet. */
  async next(): Promise<Uint8Array> {
    this.#taken += 1;
    try {
      return await this.#arrived.nth(this.#taken);
    } catch (error) {
      this.#taken -= 1;
      throw error;
    }
  }

  /** Waits for the next datagram and compares its octets; in hex digits, `..` stands for any octet. Gives the datagram. */
  async expect(octets: Octets): Promise<Uint8Array> {
    return this.#expect(patternOf(octets), undefined);
  }

  /** As `expect`, but passes over any number of `repeated` before: repetitions, of which the more come the slower the machine is. */
  async expectBehind(repeated: Octets, octets: Octets): Promise<Uint8Array> {
    return this.#expect(patternOf(octets), patternOf(repeated));
  }

  /** Sends and waits for exactly this answer. */
  async exchange(request: Octets, answer: Octets): Promise<Uint8Array> {
    this.send(request);
    return this.expect(answer);
  }

  /**
   * Proves that the gateway has nothing for the sensor: sends a marker whose answer must be the very next datagram. Default marker:
   * SEARCHGW, answered by GWINFO at once in each state (2.15; not while the gateway has no broker). What still waits for the broker is not
   * covered: let the broker's side settle first.
   */
  async expectNothingBefore(marker: Octets = '03 01 00', answer: Octets = '03 02 ..'): Promise<void> {
    await this.exchange(marker, answer);
  }

  /** Frees the port; the gateway is told nothing. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  async #expect(wanted: string, repeated: string | undefined): Promise<Uint8Array> {
    for (;;) {
      const frame = await this.next().catch((cause: unknown) => {
        throw new Error(`expected ${describeHex(wanted)}\nbut nothing came${this.#story()}`, { cause });
      });
      if (fits(frame, wanted)) {
        return frame;
      }
      if (repeated === undefined || !fits(frame, repeated)) {
        throw new Error(`expected ${describeHex(wanted)}\nreceived ${describeFrame(frame)}${this.#story()}`);
      }
    }
  }

  #story(): string {
    const lines = this.log.map(
      ({ direction, frame }) => `  ${direction === 'sent' ? '>' : '<'} ${describeFrame(frame)}`,
    );
    return `\nthe conversation of sensor ${this.port}:\n${lines.join('\n')}`;
  }
}

/** `02 17` */
export function hexOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(' ');
}

/** Octets from hex digits with any white space between them. */
export function octetsOf(octets: Octets): Uint8Array {
  if (typeof octets !== 'string') {
    return octets;
  }
  const digits = octets.replaceAll(/\s/g, '');
  if (!/^(?:[\da-f]{2})*$/i.test(digits)) {
    throw new Error(`not hex digits: ${octets}`);
  }
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** Hex digits without white space, lower case; `..` stands for any octet. */
function patternOf(octets: Octets): string {
  const pattern = (typeof octets === 'string' ? octets : hexOf(octets)).replaceAll(/\s/g, '').toLowerCase();
  if (!/^(?:[\da-f]{2}|\.\.)*$/.test(pattern)) {
    throw new Error(`not hex digits: ${octets}`);
  }
  return pattern;
}

function fits(frame: Uint8Array, pattern: string): boolean {
  return new RegExp(`^${pattern}$`).test(Buffer.from(frame).toString('hex'));
}

function describeHex(digits: string): string {
  return digits.includes('.') ? (digits.match(/../g) ?? []).join(' ') : describeFrame(octetsOf(digits));
}

function describeFrame(frame: Uint8Array): string {
  return `${hexOf(frame)}  ${describeMessage(frame, { payload: true })}`;
}
