import type { RemoteInfo, Socket } from 'node:dgram';
import type { Broadcast, Send, Transport, TransportEffect } from '../../ports/transport.ts';
import { errorCode, errorMessage, ProblemReporter } from '../problem-reporter.ts';
import { transportOpened } from '../transport-opened.ts';
import type { TransportOptions } from '../transport-options.ts';
import { formatUdpAddress, type UdpAddress, udpAddressOf } from './udp-link.ts';
import {
  EchoFilter,
  formatGroup,
  groupBindAddress,
  joinGroup,
  multicastProblem,
  prepareSender,
  type UdpMulticast,
} from './udp-multicast.ts';
import { UdpSenders } from './udp-senders.ts';
import { bindSocket, resolveHost, type SocketFactory, systemSockets } from './udp-socket.ts';

export type { UdpMulticast } from './udp-multicast.ts';

/** First and longest pause between two attempts to get a lost socket back, in milliseconds. */
const REOPEN_MIN = 100;
const REOPEN_MAX = 30_000;

export interface UdpTransportOptions extends TransportOptions {
  /** Address to listen on, or a name that has one; `0.0.0.0` all of IPv4, `::` all of IPv6 (and nothing else). */
  readonly host: string;
  /** Service port; 0: any free one. */
  readonly port: number;
  /** Octets of the largest datagram that is sent or taken (T-43). */
  readonly maxFrame: number;
  /** Absent: no multicast at all (T-45). */
  readonly multicast?: UdpMulticast;
  /** Where sockets come from; `node:dgram` unless a test says otherwise. */
  readonly sockets?: SocketFactory;
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
  #wanted = false;
  #service: Socket | undefined;
  #group: Socket | undefined;
  #bound: UdpAddress | undefined;
  #family: 4 | 6 = 4;
  #ttl = 0;
  #opening: Promise<void> | undefined;
  #reopening: NodeJS.Timeout | undefined;

  constructor(options: UdpTransportOptions) {
    this.name = options.name;
    this.#options = options;
    this.#problems = new ProblemReporter(options.name, options.observer);
    this.#senders = new UdpSenders(options.name);
    this.#whenSent = (error) => {
      if (error) {
        this.#problems.reportError(error, 'a datagram was not sent');
      }
    };
  }

  /**
   * Binds the sockets. Rejects with an `Error` that has a `code` (EADDRINUSE, EACCES, EADDRNOTAVAIL, EINVAL …) and says what to do;
   * nothing is left open then.
   */
  async open(): Promise<void> {
    if (this.#wanted) {
      return;
    }
    this.#wanted = true;
    this.#opening = this.#bind(this.#options.port);
    try {
      await this.#opening;
    } catch (error) {
      this.#wanted = false;
      throw error;
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
        this.#broadcast(socket, effect);
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
    const to = udpAddressOf(this.name, this.#family, link);
    if (to === undefined) {
      this.#problems.report('EDESTADDRREQ', `not an address of this transport: ${link}`);
      return;
    }
    socket.send(frame, to.port, to.address, this.#whenSent);
  }

  #broadcast(socket: Socket, { frame, radius }: Broadcast): void {
    const { multicast } = this.#options;
    if (multicast === undefined) {
      this.#problems.report('EDESTADDRREQ', 'a broadcast was dropped: no multicast group is configured');
      return;
    }
    const ttl = multicast.radiusAsTtl && radius > 0 ? radius : multicast.ttl;
    if (ttl !== this.#ttl) {
      socket.setMulticastTTL(ttl);
      this.#ttl = ttl;
    }
    socket.send(frame, multicast.port, multicast.group, this.#whenSent);
  }

  async #bind(port: number): Promise<void> {
    const { host, multicast, sockets = systemSockets, maxFrame } = this.#options;
    const { address, family } = await resolveHost(host);
    const problem = multicast && multicastProblem(multicast, family);
    if (problem !== undefined) {
      throw Object.assign(new Error(problem), { code: 'EINVAL' });
    }
    const service = await bindSocket(sockets, family, { address, port }, false);
    // Until it is watched.
    service.on('error', () => undefined);
    const opened = [service];
    try {
      const bound = service.address();
      let group: Socket | undefined;
      if (multicast !== undefined) {
        // T-45: with one port for both, one socket hears both; but a socket on one address of several does not hear the group.
        const shared = bound.port === multicast.port && (address === '0.0.0.0' || address === '::');
        group = shared
          ? service
          : await bindSocket(sockets, family, { address: groupBindAddress(multicast), port: multicast.port }, true);
        opened.push(group);
        joinGroup(group, multicast);
        prepareSender(service, multicast);
        this.#ttl = multicast.ttl;
      }
      if (!this.#wanted) {
        throw Object.assign(new Error('closed while it was being opened'), { code: 'ECANCELED' });
      }
      this.#family = family;
      this.#bound = { address: bound.address, port: bound.port };
      const echoes = multicast && new EchoFilter(bound);
      this.#watch(service, group === service ? echoes : undefined);
      this.#service = service;
      if (group !== undefined && group !== service) {
        this.#watch(group, echoes);
        this.#group = group;
      }
    } catch (error) {
      await Promise.all([...new Set(opened)].map(closed));
      throw multicast !== undefined && errorCode(error) !== 'EADDRINUSE' ? multicastError(error, multicast) : error;
    }
    const heard = multicast === undefined ? '' : `, group ${formatGroup(multicast)}`;
    this.#options.observer.note({
      type: 'transport-up',
      transport: this.name,
      address: `${formatUdpAddress(this.#bound)}${heard}`,
    });
    this.#options.listener(
      transportOpened(this.#options, { maxFrame, maxReceived: maxFrame, broadcast: multicast !== undefined }),
    );
  }

  #watch(socket: Socket, echoes: EchoFilter | undefined): void {
    const { listener } = this.#options;
    socket.on('message', (frame: Buffer, from: RemoteInfo) => {
      if (!echoes?.isOwn(from)) {
        const { link, peer } = this.#senders.of(from);
        listener({ type: 'frame-received', link, peer, frame });
      }
    });
    const lost = (error?: Error): void => {
      if (socket === this.#service || socket === this.#group) {
        this.#problems.reportError(
          error ?? Object.assign(new Error('it was closed'), { code: 'ECONNABORTED' }),
          'the socket failed and is opened again',
        );
        void this.#reopen();
      }
    };
    socket.on('error', lost);
    socket.on('close', () => lost());
  }

  async #reopen(): Promise<void> {
    await this.#release();
    let pause = REOPEN_MIN;
    const attempt = async (): Promise<void> => {
      this.#reopening = undefined;
      try {
        // Clients know the port: where the system chose it, it must be the same again.
        this.#opening = this.#bind(this.#bound?.port ?? this.#options.port);
        await this.#opening;
      } catch (error) {
        if (this.#wanted) {
          this.#problems.reportError(error, `next attempt in ${pause} ms`);
          this.#reopening = setTimeout(attempt, pause);
          pause = Math.min(pause * 2, REOPEN_MAX);
        }
      }
    };
    if (this.#wanted) {
      await attempt();
    }
  }

  async #release(): Promise<void> {
    const service = this.#service;
    const group = this.#group;
    this.#service = undefined;
    this.#group = undefined;
    if (service !== undefined) {
      this.#options.listener({ type: 'transport-closed', transport: this.name });
      await Promise.all([closed(service), group && closed(group)]);
    }
  }
}

function multicastError(error: unknown, multicast: UdpMulticast): Error {
  const reason = errorMessage(error);
  return Object.assign(
    new Error(`cannot use the multicast group ${formatGroup(multicast)}: ${reason}; check group and interface`, {
      cause: error,
    }),
    {
      code: errorCode(error),
    },
  );
}

/** Resolves when the socket is closed; also where it was already. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.close(() => resolve());
    } catch {
      resolve();
    }
  });
}
