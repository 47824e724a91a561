import type { RemoteInfo, Socket } from 'node:dgram';
import { errorCode, errorMessage } from '../problem-reporter.ts';
import { isLate } from './late-network.ts';
import type { InterfaceSource, NetworkInterface } from './network-interfaces.ts';
import type { UdpAddress } from './udp-link.ts';
import {
  EchoFilter,
  formatGroup,
  groupBindAddress,
  joinGroup,
  membershipOf,
  prepareSender,
  type UdpMulticast,
} from './udp-multicast.ts';
import { bindSocket, closeSocket, type SocketFactory } from './udp-socket.ts';

/** First and longest pause between two attempts to join, in milliseconds. */
const REJOIN_MIN = 250;
const REJOIN_MAX = 5_000;

export interface UdpGroupOptions {
  readonly multicast: UdpMulticast;
  readonly family: 4 | 6;
  /** Bound; all broadcasts leave through it. */
  readonly service: Socket;
  readonly sockets: SocketFactory;
  readonly interfaces: InterfaceSource;
  /** A datagram to the group, none of our own. */
  readonly received: (frame: Buffer, from: RemoteInfo) => void;
  /** The group can be used, or cannot any more; not called for the first attempt. */
  readonly changed: () => void;
  /** Why it cannot be used; each new reason once. */
  readonly problem: (code: string, reason: string) => void;
}

/**
 * The membership in a multicast group. It rests on a network interface that may come later, go, and be made anew: then the group is joined again,
 * while the service goes on.
 */
export class UdpGroup {
  readonly #options: UdpGroupOptions;
  readonly #echoes: EchoFilter;
  /** T-45: with one port for both, the service socket hears the group as well; but a socket on one address of several does not. */
  readonly #shared: boolean;
  /** That hears the group, where it is not the service socket. */
  #socket: Socket | undefined;
  /** What of the interfaces the membership rests on. */
  #membership: string | undefined;
  #joined = false;
  #ttl = 0;
  #closed = false;
  #told: string | undefined;
  #pause = REJOIN_MIN;
  #timer: NodeJS.Timeout | undefined;
  #attempt: Promise<void> | undefined;
  /** The interfaces have changed during an attempt. */
  #changed = false;
  #unwatch: () => void = () => undefined;

  constructor(options: UdpGroupOptions) {
    this.#options = options;
    const { multicast, service, interfaces } = options;
    const { address, port } = service.address();
    this.#shared = port === multicast.port && (address === '0.0.0.0' || address === '::');
    this.#echoes = new EchoFilter({ address, port }, interfaces);
  }

  /** Broadcasts go out, and the group is heard. */
  get joined(): boolean {
    return this.#joined;
  }

  /** Whether a datagram that the service socket heard is a broadcast of its own. */
  isEcho(from: UdpAddress): boolean {
    return this.#shared && this.#echoes.isOwn(from);
  }

  /** Joins; a network that is not there yet is waited for. Rejects with an error that has a `code` where waiting would not help. */
  async open(): Promise<void> {
    try {
      await this.#join();
    } catch (error) {
      const explained = groupError(error, this.#options.multicast);
      if (!isLate(explained)) {
        throw explained;
      }
      this.#later(explained);
    }
    this.#unwatch = this.#options.interfaces.watch(() => this.#look());
  }

  /** Sends to the group. `radius`: hops that the core wants, 0 as far as the settings allow. Throws what the operating system says. */
  broadcast(frame: Uint8Array, radius: number, whenSent: (error: Error | null) => void): void {
    const { multicast, service } = this.#options;
    const ttl = multicast.radiusAsTtl && radius > 0 ? radius : multicast.ttl;
    if (ttl !== this.#ttl) {
      service.setMulticastTTL(ttl);
      this.#ttl = ttl;
    }
    service.send(frame, multicast.port, multicast.group, whenSent);
  }

  /** Leaves the group; the service socket stays. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unwatch();
    clearTimeout(this.#timer);
    await this.#attempt;
    this.#joined = false;
    await closeSocket(this.#socket);
  }

  async #join(): Promise<void> {
    const { multicast, family, service, sockets, interfaces } = this.#options;
    const now = interfaces.list();
    const membership = membershipOf(multicast, now);
    if (membership === undefined) {
      const { interface: given = multicast.group } = multicast;
      throw Object.assign(new Error(`no network interface has the address or name ${given}`), { code: 'ENODEV' });
    }
    if (this.#shared) {
      joinAgain(service, multicast, now);
      prepareSender(service, multicast, now);
    } else {
      const at = { address: groupBindAddress(multicast, now), port: multicast.port };
      const socket = await bindSocket(sockets, family, at, true);
      try {
        joinGroup(socket, multicast, now);
        prepareSender(service, multicast, now);
      } catch (error) {
        await closeSocket(socket);
        throw error;
      }
      const former = this.#socket;
      this.#socket = socket;
      this.#hear(socket);
      await closeSocket(former);
    }
    this.#ttl = multicast.ttl;
    this.#membership = membership;
    this.#told = undefined;
    this.#pause = REJOIN_MIN;
    this.#joined = true;
  }

  #hear(socket: Socket): void {
    socket.on('message', (frame: Buffer, from: RemoteInfo) => {
      if (!this.#echoes.isOwn(from)) {
        this.#options.received(frame, from);
      }
    });
    const lost = (error?: Error): void => {
      if (socket === this.#socket && !this.#closed) {
        void this.#lose(error ?? Object.assign(new Error('its socket was closed'), { code: 'ECONNABORTED' }));
      }
    };
    socket.on('error', lost);
    socket.on('close', () => lost());
  }

  /** The interfaces of the machine have changed. */
  #look(): void {
    if (this.#attempt !== undefined) {
      this.#changed = true;
    } else if (
      !this.#joined ||
      membershipOf(this.#options.multicast, this.#options.interfaces.list()) !== this.#membership
    ) {
      this.#tryNow();
    }
  }

  #tryNow(): void {
    clearTimeout(this.#timer);
    this.#attempt = this.#rejoin().finally(() => {
      this.#attempt = undefined;
      if (this.#changed && !this.#closed) {
        this.#changed = false;
        this.#look();
      }
    });
  }

  async #rejoin(): Promise<void> {
    try {
      await this.#join();
      if (!this.#closed) {
        this.#options.changed();
      }
    } catch (error) {
      await this.#lose(groupError(error, this.#options.multicast));
    }
  }

  async #lose(error: unknown): Promise<void> {
    const { multicast, changed } = this.#options;
    const socket = this.#socket;
    const wasJoined = this.#joined;
    this.#joined = false;
    this.#socket = undefined;
    await closeSocket(socket);
    if (this.#closed) {
      return;
    }
    this.#later(groupError(error, multicast));
    if (wasJoined) {
      changed();
    }
  }

  #later(error: Error): void {
    const code = errorCode(error);
    if (code !== this.#told) {
      this.#told = code;
      this.#options.problem(
        code,
        `${error.message}; it is joined as soon as that is possible, and meanwhile the service goes on without`,
      );
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tryNow(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, REJOIN_MAX);
  }
}

/** Joins with a socket that may be a member already, on this interface or on one that is gone. */
function joinAgain(socket: Socket, multicast: UdpMulticast, interfaces: readonly NetworkInterface[]): void {
  try {
    joinGroup(socket, multicast, interfaces);
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') {
      throw error;
    }
  }
}

/** The error with the group in its words; that a port is in use says enough by itself. */
function groupError(error: unknown, multicast: UdpMulticast): Error {
  const isClear = error instanceof GroupError || (error instanceof Error && errorCode(error) === 'EADDRINUSE');
  return isClear ? error : new GroupError(error, multicast);
}

class GroupError extends Error {
  readonly code: string;

  constructor(cause: unknown, multicast: UdpMulticast) {
    super(
      `cannot use the multicast group ${formatGroup(multicast)}: ${errorMessage(cause)}; check group and interface`,
      {
        cause,
      },
    );
    this.code = errorCode(cause);
  }
}
