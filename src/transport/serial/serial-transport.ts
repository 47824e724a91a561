import type { Link, Peer, Transport, TransportEffect } from '../../ports/transport.ts';
import type { DiscardReason, Framing } from '../framing/framing.ts';
import { flush } from '../line/flush.ts';
import { LineReader } from '../line/line-reader.ts';
import type { LineTransportOptions } from '../line/line-transport-options.ts';
import { LineWriter } from '../line/line-writer.ts';
import { SendQueue } from '../line/send-queue.ts';
import { SerialLine } from '../line/serial-line.ts';
import { describePort, octetsPerSecond, type SerialPortSettings } from '../line/serial-port-settings.ts';
import { undelivered } from '../line/undelivered.ts';
import { ProblemReporter } from '../problem-reporter.ts';
import { transportOpened } from '../transport-opened.ts';

export interface SerialTransportOptions extends LineTransportOptions {
  readonly port: SerialPortSettings;
  /** Its name, for the log. */
  readonly framingName: string;
  readonly framing: Framing;
  /** Octets of the largest frame in either direction (T-43). */
  readonly maxFrame: number;
  /** Silence that ends a broken frame, in milliseconds. */
  readonly interFrameGap: number;
}

/** Frames and octets that wait for the line at most; a line of 9,600 bit/s needs half a minute for that. */
const QUEUE = { frames: 512, octets: 32_768 };

/** The only address on the line, also for the list of forwarders. */
const LINE = 'line';

/** So many octets that make no frame, and none that do: the line is probably set wrong. */
const UNINTELLIGIBLE = 64;

/**
 * MQTT-SN over a serial line: point to point with one peer, which may be a forwarder with nodes behind it. Its link is `<name>:line`,
 * whatever the port is called, so that sessions go on when the port comes back under another name.
 */
export class SerialTransport implements Transport {
  readonly name: string;
  readonly #options: SerialTransportOptions;
  readonly #link: Link;
  readonly #peer: Peer;
  readonly #line: SerialLine;
  readonly #reader: LineReader;
  readonly #writer: LineWriter;
  readonly #queue = new SendQueue(QUEUE);
  readonly #problems: ProblemReporter;
  /** Frames and discarded octets since the port was opened. */
  #frames = 0;
  #discarded = 0;

  constructor(options: SerialTransportOptions) {
    const { name, port, observer, opener } = options;
    this.name = name;
    this.#options = options;
    this.#link = `${name}:${LINE}`;
    this.#peer = { transport: name, host: LINE, address: LINE };
    this.#problems = new ProblemReporter(name, observer);
    this.#reader = new LineReader({
      framing: options.framing,
      interFrameGap: options.interFrameGap,
      frame: (frame) => this.#received(frame),
      discarded: (octets, reason) => this.#noise(octets, reason),
    });
    this.#line = new SerialLine({
      ...{ transport: name, port, observer },
      up: () => this.#up(),
      down: () => this.#down(),
      octets: (octets) => this.#reader.receive(octets),
      ...(opener && { opener }),
    });
    this.#writer = new LineWriter({
      octetsPerSecond: octetsPerSecond(port),
      next: () => {
        const effect = this.#queue.take();
        return effect && options.framing.encode(effect.frame);
      },
      write: (octets) => this.#line.write(octets),
      pending: () => this.#line.pending,
    });
  }

  /** Resolves when the first attempt to open the port has been made: a port that is not there is waited for. Never rejects. */
  async open(): Promise<void> {
    await this.#line.open();
  }

  /** The device. */
  address(): string {
    return this.#options.port.path;
  }

  perform(effect: TransportEffect): void {
    if (!this.#line.isOpen) {
      this.#undelivered(effect, 'the port is not open');
      return;
    }
    for (const dropped of this.#queue.push(effect)) {
      this.#undelivered(dropped, 'too many frames wait for the line');
    }
    this.#writer.kick();
  }

  /** Frees the port; what was to be sent has left by then, or a second has passed. */
  async close(): Promise<void> {
    await flush(() => this.#line.isOpen && (this.#queue.length > 0 || this.#writer.busyFor > 0));
    this.#reader.stop();
    this.#writer.stop();
    await this.#line.close();
  }

  #up(): void {
    const { name, port, framingName, maxFrame, advertise, framing, observer, listener } = this.#options;
    this.#frames = 0;
    this.#discarded = 0;
    observer.note({ type: 'transport-up', transport: name, address: `${describePort(port)}, framing ${framingName}` });
    const speed = { octetsPerSecond: octetsPerSecond(port), overhead: framing.encode(new Uint8Array(0)).length };
    listener(transportOpened(this.#options, { maxFrame, broadcast: advertise, pointToPoint: true, speed }));
  }

  #down(): void {
    this.#reader.end();
    this.#writer.stop();
    for (const effect of this.#queue.clear()) {
      this.#undelivered(effect, 'the port was closed');
    }
    this.#options.listener({ type: 'transport-closed', transport: this.name });
  }

  #received(frame: Uint8Array): void {
    this.#frames++;
    this.#options.listener({ type: 'frame-received', link: this.#link, peer: this.#peer, frame });
  }

  #noise(octets: number, reason: DiscardReason): void {
    this.#options.observer.note({ type: 'octets-discarded', transport: this.name, octets, reason });
    const before = this.#discarded;
    this.#discarded += octets;
    if (this.#frames > 0 || before >= UNINTELLIGIBLE || this.#discarded < UNINTELLIGIBLE) {
      return;
    }
    const { baudRate } = this.#options.port;
    this.#problems.report(
      'EPROTO',
      `${this.#discarded} octets came, but no frame: are the speed (${baudRate}) and the framing those of the peer?`,
    );
  }

  #undelivered(effect: TransportEffect, reason: string): void {
    undelivered(this.#options.listener, effect, reason);
  }
}
