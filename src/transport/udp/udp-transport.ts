import type { RemoteInfo, Socket } from 'node:dgram';
import type { Broadcast, Send, Transport, TransportEffect } from '../../ports/transport.ts';
import { errorCode, errorMessage, ProblemReporter } from '../problem-reporter.ts';
import { transportOpened } from '../transport-opened.ts';
import type { TransportOptions } from '../transport-options.ts';
import { checkAddresses, isLate } from './late-network.ts';
import { type InterfaceSource, interfaceOfZone, systemInterfaces, zoneOf } from './network-interfaces.ts';
import { UdpGroup } from './udp-group.ts';
import { formatUdpAddress, type UdpAddress, udpAddressOf } from './udp-link.ts';
import { formatGroup, type UdpMulticast } from './udp-multicast.ts';
import { UdpSenders } from './udp-senders.ts';
import {
  bindSocket,
  closeSocket,
  type Resolver,
  resolveHost,
  type SocketFactory,
  systemResolver,
  systemSockets,
} from './udp-socket.ts';

export type { UdpMulticast } from './udp-multicast.ts';

/** First and longest pause between two attempts to open the socket, in milliseconds. */
const REOPEN_MIN = 100;
const REOPEN_MAX = 5_000;

/** Octets that may wait in the socket for a network that takes less than is sent; what comes then is dropped. */
const MAX_SEND_QUEUE = 1 << 20;

export interface UdpTransportOptions extends TransportOptions {
  /** Address to listen on, or a name that has one; `0.0.0.0` all of IPv4, `::` all of IPv6 (and nothing else). */
  readonly host: string;
  /** Service port; 0: any free one. */
  readonly port: number;
  /** Octets of the largest datagram that is sent or taken (T-43). */
  readonly maxFrame: number;
  /** Absent: no multicast at all (T-45). */
  readonly multicast?: UdpMulticast;
  /** Where sockets, addresses of names and interfaces come from; the operating system unless a test says otherwise. */
  readonly sockets?: SocketFactory;
  readonly resolver?: Resolver;
  readonly interfaces?: InterfaceSource;
}

/**
 * MQTT-SN over UDP: one datagram is one frame. All answers and broadcasts leave through the service socket, so that clients
 * see its address as the source (D-15, T-45); a second socket only listens to the multicast group where there is one.
 */
export class UdpTransport implements Transport {
  readonly name: string;
  readonly #options: UdpTransportOptions;
  readonly #problems: ProblemReporter;
  readonly #senders: UdpSenders;
  readonly #whenSent: (error: Error | null) => void;
  readonly #interfaces: InterfaceSource;
  #wanted = false;
  #service: Socket | undefined;
  #group: UdpGroup | undefined;
  #bound: UdpAddress | undefined;
  #family: 4 | 6 = 4;
  #opening: Promise<void> | undefined;
  #reopening: NodeJS.Timeout | undefined;
  #pause = REOPEN_MIN;
  /** Why the socket is not open, as far as the log has been told. */
  #told: string | undefined;
  #unwatch: () => void = () => undefined;

  constructor(options: UdpTransportOptions) {
    this.name = options.name;
    this.#options = options;
    this.#interfaces = options.interfaces ?? systemInterfaces;
    this.#problems = new ProblemReporter(options.name, options.observer);
    this.#senders = new UdpSenders(options.name);
    this.#whenSent = (error) => {
      if (error) {
        this.#problems.reportError(error, 'a datagram was not sent');
      }
    };
  }

  /**
   * Binds the socket. What the network does not have yet is waited for: the address, the name of the host, the interface of the multicast group.
   * Rejects with an `Error` that has a `code` and says what to do where waiting would not help (EADDRINUSE, EACCES, EINVAL …); nothing is left
   * open then.
   */
  async open(): Promise<void> {
    if (this.#wanted) {
      return;
    }
    this.#wanted = true;
    this.#opening = this.#bind(this.#options.port, true);
    try {
      await this.#opening;
    } catch (error) {
      if (!this.#wanted || !isLate(error)) {
        this.#wanted = false;
        throw error;
      }
      this.#options.listener({ type: 'transport-closed', transport: this.name });
      this.#tryLater(error);
    }
  }

  /** The bound service address; undefined while there is none. */
  address(): UdpAddress | undefined {
    return this.#service === undefined ? undefined : this.#bound;
  }

  perform(effect: TransportEffect): void {
    const socket = this.#service;
    if (socket === undefined) {
      this.#problems.report('ENOTCONN', 'a frame was dropped: the socket is not open');
      return;
    }
    try {
      if (effect.type === 'send') {
        this.#send(socket, effect);
      } else {
        this.#broadcast(effect);
      }
    } catch (error) {
      this.#problems.reportError(error, 'a datagram was not sent');
    }
  }

  /** Frees the port; sent frames have left by then. */
  async close(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#reopening);
    this.#reopening = undefined;
    // One that is under way sees that it is not wanted any more.
    await this.#opening?.catch(() => undefined);
    await this.#release();
  }

  #send(socket: Socket, { link, frame }: Send): void {
    const known = this.#senders.at(link);
    const to = known ? { address: known.peer.host, port: known.port } : udpAddressOf(this.name, this.#family, link);
    if (to === undefined) {
      this.#problems.report('EDESTADDRREQ', `not an address of this transport: ${link}`);
      return;
    }
    if (socket.getSendQueueSize() > MAX_SEND_QUEUE) {
      this.#problems.report('ENOBUFS', 'a datagram was dropped: the network takes less than is sent');
      return;
    }
    socket.send(frame, to.port, to.address, this.#whenSent);
  }

  #broadcast({ frame, radius }: Broadcast): void {
    if (this.#group === undefined) {
      this.#problems.report('EDESTADDRREQ', 'a broadcast was dropped: no multicast group is configured');
    } else {
      this.#group.broadcast(frame, radius, this.#whenSent);
    }
  }

  /** `isStart`: nobody has waited yet for what the settings name. */
  async #bind(port: number, isStart: boolean): Promise<void> {
    const { host, multicast, sockets = systemSockets, resolver = systemResolver } = this.#options;
    const { address, family } = await resolveHost(host, resolver);
    checkAddresses({ address, family, multicast, interfaces: this.#interfaces.list(), isStart });
    const service = await bindSocket(sockets, family, { address, port }, false);
    // Until it is watched.
    service.on('error', () => undefined);
    const { address: boundAddress, port: boundPort } = service.address();
    let group: UdpGroup | undefined;
    try {
      group = multicast && this.#makeGroup(multicast, family, service, sockets);
      await group?.open();
      if (!this.#wanted) {
        throw Object.assign(new Error('closed while it was being opened'), { code: 'ECANCELED' });
      }
    } catch (error) {
      await Promise.all([group?.close(), closeSocket(service)]);
      throw error;
    }
    this.#family = family;
    this.#senders.forgetAll(); // the name of the host may mean another family now
    this.#bound = { address: boundAddress, port: boundPort };
    this.#told = undefined;
    this.#pause = REOPEN_MIN;
    this.#service = service;
    this.#group = group;
    this.#watch(service);
    this.#watchZone(address);
    this.#opened();
  }

  #makeGroup(multicast: UdpMulticast, family: 4 | 6, service: Socket, sockets: SocketFactory): UdpGroup {
    return new UdpGroup({
      ...{ multicast, family, service, sockets, interfaces: this.#interfaces },
      received: (frame, from) => this.#received(frame, from),
      changed: () => this.#opened(),
      problem: (code, reason) => {
        this.#options.observer.note({ type: 'transport-problem', transport: this.name, code, reason });
      },
    });
  }

  /** Says how the transport can be used: at first, and when the group can be used, or cannot any more. */
  #opened(): void {
    const { observer, listener, maxFrame, multicast } = this.#options;
    if (this.#service === undefined || this.#bound === undefined) {
      return;
    }
    const broadcast = this.#group?.joined === true;
    const heard = broadcast && multicast ? `, group ${formatGroup(multicast)}` : '';
    const address = `${formatUdpAddress(this.#bound)}${heard}`;
    observer.note({ type: 'transport-up', transport: this.name, address });
    listener(transportOpened(this.#options, { maxFrame, maxReceived: maxFrame, broadcast }));
  }

  #received(frame: Buffer, from: RemoteInfo): void {
    const { link, peer } = this.#senders.of(from);
    this.#options.listener({ type: 'frame-received', link, peer, frame });
  }

  #watch(socket: Socket): void {
    socket.on('message', (frame: Buffer, from: RemoteInfo) => {
      if (!this.#group?.isEcho(from)) {
        this.#received(frame, from);
      }
    });
    const lost = (error?: Error): void => {
      if (socket === this.#service) {
        this.#lose(error ?? Object.assign(new Error('it was closed'), { code: 'ECONNABORTED' }));
      }
    };
    socket.on('error', lost);
    socket.on('close', () => lost());
  }

  /** A socket on an address of an interface (`fe80::1%eth0`) hears nothing any more when that is made anew. */
  #watchZone(address: string): void {
    if (zoneOf(address) === undefined) {
      return;
    }
    const index = (): number | undefined => interfaceOfZone(address, this.#interfaces.list())?.index;
    const before = index();
    this.#unwatch = this.#interfaces.watch(() => {
      if (index() !== before) {
        this.#lose(Object.assign(new Error(`the interface of ${address} is gone, or another one`), { code: 'ENODEV' }));
      }
    });
  }

  #lose(error: Error): void {
    this.#problems.reportError(error, 'the socket failed and is opened again');
    void this.#reopen();
  }

  async #reopen(): Promise<void> {
    await this.#release();
    if (this.#wanted) {
      await this.#tryAgain();
    }
  }

  async #tryAgain(): Promise<void> {
    this.#reopening = undefined;
    try {
      // Clients know the port: where the system chose it, it must be the same again.
      this.#opening = this.#bind(this.#bound?.port ?? this.#options.port, false);
      await this.#opening;
    } catch (error) {
      if (this.#wanted) {
        this.#tryLater(error);
      }
    }
  }

  /** One line in the log for each new reason, however often it is tried. */
  #tryLater(error: unknown): void {
    const code = errorCode(error);
    if (code !== this.#told) {
      this.#told = code;
      const reason = `${errorMessage(error)}; it is tried again until it is there`;
      this.#options.observer.note({ type: 'transport-down', transport: this.name, code, reason });
    }
    this.#reopening = setTimeout(() => void this.#tryAgain(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, REOPEN_MAX);
  }

  async #release(): Promise<void> {
    const service = this.#service;
    const group = this.#group;
    this.#unwatch();
    this.#service = undefined;
    this.#group = undefined;
    if (service !== undefined) {
      this.#options.listener({ type: 'transport-closed', transport: this.name });
      await Promise.all([closeSocket(service), group?.close()]);
    }
  }
}
