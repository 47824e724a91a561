import type { Link, Peer } from '../../ports/transport.ts';
import { formatUdpAddress, type UdpAddress } from './udp-link.ts';

/** Who sent a datagram. */
export interface UdpSender {
  /** Name of the transport, then address and port. */
  readonly link: Link;
  readonly peer: Peer;
  readonly port: number;
}

/** Senders that are remembered: more than a gateway has sessions, and some 50 MiB at most. */
const REMEMBERED = 1 << 17;

/**
 * The senders of datagrams, so that nothing is made for each datagram but what is in it: a sender is the same object again as long as it is
 * remembered, and an equal one later. Bounded: where there are too many, all are forgotten and made anew as they come.
 */
export class UdpSenders {
  readonly #transport: string;
  readonly #limit: number;
  /** By address and port: a key of both would be a new string for each datagram. */
  readonly #byAddress = new Map<string, Map<number, UdpSender>>();
  readonly #byLink = new Map<Link, UdpSender>();

  constructor(transport: string, limit = REMEMBERED) {
    this.#transport = transport;
    this.#limit = limit;
  }

  of(from: UdpAddress): UdpSender {
    return this.#byAddress.get(from.address)?.get(from.port) ?? this.#remember(from);
  }

  /** Who has this link; undefined: nobody who is remembered. */
  at(link: Link): UdpSender | undefined {
    return this.#byLink.get(link);
  }

  forgetAll(): void {
    this.#byAddress.clear();
    this.#byLink.clear();
  }

  #remember(from: UdpAddress): UdpSender {
    if (this.#byLink.size === this.#limit) {
      this.forgetAll();
    }
    let byPort = this.#byAddress.get(from.address);
    if (byPort === undefined) {
      byPort = new Map();
      this.#byAddress.set(from.address, byPort);
    }
    const address = formatUdpAddress(from);
    const peer: Peer = { transport: this.#transport, host: from.address, address };
    const sender = { link: `${this.#transport}:${address}`, peer, port: from.port };
    byPort.set(from.port, sender);
    this.#byLink.set(sender.link, sender);
    return sender;
  }
}
