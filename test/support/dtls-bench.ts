import { randomBytes } from 'node:crypto';
import { acknowledgedPublish } from '../../src/codec/acknowledged-publish.ts';
import type { DtlsNote } from '../../src/ports/dtls-note.ts';
import type { Peer } from '../../src/ports/transport.ts';
import { type ClientEnd, DtlsClient } from '../../src/transport/dtls/client/dtls-client.ts';
import { SUITES } from '../../src/transport/dtls/crypto/suites.ts';
import { DtlsServer, type DtlsServerOptions } from '../../src/transport/dtls/server/dtls-server.ts';

export const IDENTITY = 'meter 7';
export const KEY = new Uint8Array(Buffer.from('a1b2c3d4e5f60718293a4b5c6d7e8f90', 'hex'));

/** One frame that the server gave on. */
export interface HeardFrame {
  readonly link: string;
  readonly peer: Peer;
  readonly text: string;
}

/** A DTLS server without a network: what it sends is kept, time stands still unless the test moves it. */
export class DtlsBench {
  now = 1_000_000;
  readonly server: DtlsServer;
  readonly notes: DtlsNote[] = [];
  readonly frames: HeardFrame[] = [];
  /** What the server has sent and nobody has taken yet. */
  readonly sent: { readonly to: string; readonly datagram: Uint8Array }[] = [];

  constructor(options: Partial<DtlsServerOptions> = {}) {
    this.server = new DtlsServer(
      {
        transport: 'dtls',
        suites: SUITES.map(({ name }) => name),
        keys: new Map([[IDENTITY, KEY]]),
        idle: 86_400_000,
        maxAssociations: 100,
        maxHandshakes: 10,
        messageOf: acknowledgedPublish,
        random: randomBytes,
        ...options,
      },
      {
        transmit: (datagram, to) => this.sent.push({ to, datagram }),
        received: (link, peer, frame) => this.frames.push({ link, peer, text: Buffer.from(frame).toString() }),
        note: (note) => this.notes.push(note),
      },
    );
  }

  /** A datagram from an address, such as `192.0.2.1:5000`. Returns what the server sends at once. */
  deliver(from: string, datagram: Uint8Array): Uint8Array[] {
    const host = from.slice(0, from.lastIndexOf(':'));
    this.server.receive(Uint8Array.from(datagram), { key: from, host, address: from }, this.now);
    return this.take(from);
  }

  /** What the server has sent to an address, once. */
  take(to: string): Uint8Array[] {
    const taken = this.sent.filter((each) => each.to === to).map(({ datagram }) => datagram);
    this.sent.splice(0, this.sent.length, ...this.sent.filter((each) => each.to !== to));
    return taken;
  }

  /** Lets time go on, with everything that becomes due on the way. */
  pass(millis: number): void {
    const end = this.now + millis;
    for (;;) {
      const deadline = this.server.nextDeadline;
      if (deadline === undefined || deadline > end) {
        break;
      }
      this.now = Math.max(this.now, deadline);
      this.server.tick(this.now);
    }
    this.now = end;
    this.server.tick(this.now);
  }

  /** Types of the notes so far, with their reasons. */
  get story(): string[] {
    return this.notes.map((note) => ('reason' in note ? `${note.type}: ${note.reason}` : note.type));
  }
}

/** Our client at a bench: it stands at an address, and hears what the server sends there. */
export class BenchClient {
  address: string;
  readonly client: DtlsClient;
  readonly heard: string[] = [];
  /** Every datagram that it has sent. */
  readonly sent: Uint8Array[] = [];
  state: 'nothing' | 'connected' | ClientEnd = 'nothing';
  /** What it sends goes here first; true: it arrives. */
  filter: (datagram: Uint8Array) => boolean = () => true;
  readonly #bench: DtlsBench;
  readonly #out: Uint8Array[] = [];

  constructor(bench: DtlsBench, address: string, { identity = IDENTITY, key = KEY } = {}) {
    this.#bench = bench;
    this.address = address;
    this.client = new DtlsClient(
      { identity, key, random: randomBytes },
      {
        transmit: (datagram) => {
          this.sent.push(datagram);
          this.#out.push(datagram);
        },
        connected: () => {
          this.state = 'connected';
        },
        received: (frame) => this.heard.push(Buffer.from(frame).toString()),
        ended: (reason) => {
          this.state = reason;
        },
      },
    );
  }

  /** Shakes hands, without loss. */
  connect(): this {
    this.client.start(this.#bench.now);
    this.exchange();
    return this;
  }

  say(text: string): this {
    this.client.send(Buffer.from(text));
    this.exchange();
    return this;
  }

  /** Everything that waits on either side arrives. */
  exchange(): void {
    for (;;) {
      const [datagram] = this.#out.splice(0, 1);
      const answers =
        datagram !== undefined && this.filter(datagram)
          ? this.#bench.deliver(this.address, datagram)
          : this.#bench.take(this.address);
      for (const answer of answers) {
        this.client.receive(answer, this.#bench.now);
      }
      if (datagram === undefined && answers.length === 0) {
        return;
      }
    }
  }
}
