import { randomBytes } from 'node:crypto';
import type { AssociationKeeper, RestoredAssociation } from '../../ports/association-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Peer, Transport, TransportEffect, TransportInput } from '../../ports/transport.ts';
import { ProblemReporter } from '../problem-reporter.ts';
import { transportOpened } from '../transport-opened.ts';
import type { TransportOptions } from '../transport-options.ts';
import type { UdpAddress } from '../udp/udp-link.ts';
import { UdpTransport } from '../udp/udp-transport.ts';
import { DtlsServer } from './server/dtls-server.ts';

/** Octets of the largest datagram of UDP over IPv4. */
const MAX_DATAGRAM = 65_507;

export interface DtlsTransportOptions extends TransportOptions {
  /** Address to listen on, or a name that has one. */
  readonly host: string;
  /** Service port; 0: any free one. */
  readonly port: number;
  /** Octets of the largest MQTT-SN message that is sent or taken. */
  readonly maxFrame: number;
  /** Pre-shared keys by identity. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
  /** Names of the suites that may be used. */
  readonly suites: readonly string[];
  /** Milliseconds of silence after which an association is given up. */
  readonly idle: number;
  readonly maxAssociations: number;
  readonly maxHandshakes: number;
  /** Number of the message in a frame that its receiver has to acknowledge; undefined: there is none in it. */
  readonly messageOf: (frame: Uint8Array) => number | undefined;
  /** Where associations outlive the process, and those that have; undefined: they end with it. */
  readonly associations?:
    | { readonly keeper: AssociationKeeper; readonly restored: readonly RestoredAssociation[] }
    | undefined;
  readonly clock: Clock;
}

/**
 * MQTT-SN over DTLS 1.2 (RFC 6347): one record is one frame. The datagrams go through a UDP transport, what they mean is known by `DtlsServer`; here
 * the two meet, and time comes in.
 */
export class DtlsTransport implements Transport {
  readonly name: string;
  readonly #options: DtlsTransportOptions;
  readonly #udp: UdpTransport;
  readonly #server: DtlsServer;
  readonly #problems: ProblemReporter;
  #wake: (() => void) | undefined;
  #wakeAt: number | undefined;

  constructor(options: DtlsTransportOptions) {
    const { name, host, port, listener, observer } = options;
    this.name = name;
    this.#options = options;
    this.#problems = new ProblemReporter(name, observer);
    this.#udp = new UdpTransport({
      ...{ name, host, port, observer },
      maxFrame: MAX_DATAGRAM,
      listener: (input) => this.#heard(input),
    });
    const { keeper, restored = [] } = options.associations ?? {};
    const { keys, suites, idle, maxAssociations, maxHandshakes, messageOf } = options;
    this.#server = new DtlsServer(
      { transport: name, keys, suites, idle, maxAssociations, maxHandshakes, messageOf, keeper, random: randomBytes },
      {
        transmit: (frame, link) => this.#udp.perform({ type: 'send', transport: name, link, frame }),
        received: (link, peer, frame) => listener({ type: 'frame-received', link, peer, frame }),
        note: (note) => observer.note(note),
      },
    );
    if (restored.length > 0) {
      this.#server.resume(restored, options.clock.now());
      this.#wakeInTime();
    }
  }

  /** Binds the socket, see UdpTransport. */
  open(): Promise<void> {
    return this.#udp.open();
  }

  /** The bound service address; undefined while there is none. */
  address(): UdpAddress | undefined {
    return this.#udp.address();
  }

  perform(effect: TransportEffect): void {
    if (effect.type === 'broadcast') {
      this.#problems.report('EDESTADDRREQ', 'a broadcast was dropped: DTLS has none');
    } else {
      this.#server.send(effect.link, effect.frame);
    }
  }

  /** Other keys count from now on, see DtlsServer. */
  changeKeys(keys: ReadonlyMap<string, Uint8Array>): void {
    this.#server.changeKeys(keys);
  }

  /** Tells all clients that it is over, but for those whose associations go on with the next process, and frees the port. */
  async close(): Promise<void> {
    this.#server.close();
    this.#wake?.();
    await this.#udp.close();
  }

  #heard(input: TransportInput): void {
    const { maxFrame, listener } = this.#options;
    switch (input.type) {
      case 'frame-received':
        this.#receive(input.frame, input.link, input.peer);
        break;
      case 'transport-opened':
        listener(transportOpened(this.#options, { maxFrame, maxReceived: maxFrame, broadcast: false }));
        break;
      default:
        listener(input);
    }
  }

  #receive(datagram: Uint8Array, key: string, { host, address }: Peer): void {
    this.#server.receive(datagram, { key, host, address }, this.#options.clock.now());
    // Only a handshake can bring something that is due earlier than what was.
    if (this.#wakeAt === undefined || this.#server.isShakingHands) {
      this.#wakeInTime();
    }
  }

  #wakeInTime(): void {
    const deadline = this.#server.nextDeadline;
    if (deadline === undefined || (this.#wakeAt !== undefined && this.#wakeAt <= deadline)) {
      return; // to wake early is harmless
    }
    this.#wake?.();
    this.#wakeAt = deadline;
    this.#wake = this.#options.clock.wakeAt(deadline, () => {
      this.#wakeAt = undefined;
      this.#server.tick(Math.max(deadline, this.#options.clock.now()));
      this.#wakeInTime();
    });
  }
}
