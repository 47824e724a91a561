/** A serial line at the other end of a TCP connection: ser2net, ESP-Link, a coordinator with a network socket. Octets as they are, no Telnet. */
import { connect, type Socket } from 'node:net';
import type { OpenPort, PortEvents, PortOpener } from './serial-port.ts';
import { retransmissionsOf } from './tcp-retransmissions.ts';

/** A host and a TCP port. */
export interface TcpAddress {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** `tcp://host:port`, `tcp://[2001:db8::7]:port`. */
const TCP_PATH = /^tcp:\/\/(?:\[([^\]\s]+)\]|([^\s:/?#@[\]]+)):(\d{1,5})\/?$/i;

/** Where a path leads that begins with `tcp://`; undefined: it names a device of this machine. */
export function tcpAddressOf(path: string): TcpAddress | undefined {
  const [, inBrackets, plain, port] = TCP_PATH.exec(path) ?? [];
  const host = inBrackets ?? plain;
  return host === undefined ? undefined : { host, port: Number(port) };
}

/** Times of a connection, in milliseconds. */
export interface TcpTimes {
  /** A host that does not answer by then is tried again later. */
  readonly connect: number;
  /** Silence after which the operating system asks whether the peer is still there; ten questions, a second apart, without an answer are the end. */
  readonly keepAlive: number;
  /** How often it is looked whether what was written arrives. */
  readonly look: number;
  /** How long the peer may take nothing of what waits. */
  readonly stalled: number;
  /** How long what was written may take to leave when the line is closed. */
  readonly drain: number;
}

type Retransmissions = typeof retransmissionsOf;

const TIMES: TcpTimes = { connect: 5_000, keepAlive: 10_000, look: 2_000, stalled: 30_000, drain: 1_000 };

/** So often in a row the operating system has sent the same octets in vain: about 13 s, for it waits twice as long each time. */
const RETRANSMISSIONS = 6;

/** Opens lines over TCP; rejects with the code of the operating system: ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENOTFOUND, … */
export function tcpLineOpener(
  address: TcpAddress,
  times: TcpTimes = TIMES,
  retransmissions: Retransmissions = retransmissionsOf,
): PortOpener {
  return async (_settings, events, abandoned) => {
    const socket = await connected(address, times.connect, abandoned);
    return new TcpLine(socket, events, times, retransmissions);
  };
}

function connected({ host, port }: TcpAddress, limit: number, abandoned?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const giveUp = (): void => void socket.destroy(abandoned?.reason);
    abandoned?.addEventListener('abort', giveUp);
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error(`no answer within ${limit / 1000} s`), { code: 'ETIMEDOUT' }));
    }, limit);
    const settled = (): void => {
      clearTimeout(timer);
      abandoned?.removeEventListener('abort', giveUp);
    };
    socket.once('error', (error) => {
      settled();
      reject(error);
    });
    socket.once('connect', () => {
      settled();
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

class TcpLine implements OpenPort {
  readonly #socket: Socket;
  readonly #events: PortEvents;
  readonly #times: TcpTimes;
  readonly #retransmissions: Retransmissions;
  readonly #watch: NodeJS.Timeout;
  #told = false;
  /** Something was written of which nothing shows yet that it has arrived. */
  #unproven = false;
  /** Octets came since the last look. */
  #heard = false;
  /** Looks since the peer last took something of what waits here: while the process stands still there are none (I-37). */
  #looksInVain = 0;
  #waiting = 0;

  constructor(socket: Socket, events: PortEvents, times: TcpTimes, retransmissions: Retransmissions) {
    this.#socket = socket;
    this.#events = events;
    this.#times = times;
    this.#retransmissions = retransmissions;
    socket.setKeepAlive(true, times.keepAlive);
    socket.on('data', (octets) => {
      this.#heard = true;
      if (!this.#told) {
        events.octets(octets);
      }
    });
    socket.on('error', (error) => this.#lost(error));
    socket.on('close', () => this.#lost(new Error('the other side has closed the connection')));
    this.#watch = setInterval(() => void this.#look(), times.look).unref();
  }

  write(octets: Uint8Array): void {
    if (!this.#told) {
      this.#unproven = true;
      this.#socket.write(octets);
    }
  }

  get pending(): number {
    return this.#socket.writableLength;
  }

  async close(): Promise<void> {
    this.#told = true;
    clearInterval(this.#watch);
    const socket = this.#socket;
    if (socket.destroyed) {
      return;
    }
    await new Promise<void>((resolve) => {
      const limit = setTimeout(() => socket.destroy(), this.#times.drain);
      socket.once('close', () => {
        clearTimeout(limit);
        resolve();
      });
      socket.end(() => socket.destroySoon());
    });
  }

  #lost(error: Error): void {
    if (this.#told) {
      return;
    }
    this.#told = true;
    clearInterval(this.#watch);
    this.#socket.destroy();
    this.#events.closed(error);
  }

  /**
   * A peer that is gone without a word (its power failed, a cable was pulled): the operating system asks only where nothing is on its way to the
   * peer, and tries a quarter of an hour to get rid of what is. The line would be deaf for that time.
   */
  async #look(): Promise<void> {
    const { writableLength } = this.#socket;
    const isTaken = writableLength === 0 || writableLength < this.#waiting;
    this.#looksInVain = isTaken ? 0 : this.#looksInVain + 1;
    this.#waiting = writableLength;
    const heard = this.#heard;
    this.#heard = false;
    if (this.#looksInVain * this.#times.look >= this.#times.stalled) {
      this.#lost(new Error(`the other side has taken nothing for ${this.#times.stalled / 1000} s`));
    } else if (this.#unproven && !heard) {
      const again = await this.#retransmissions(this.#socket);
      if (again === 0) {
        this.#unproven = false;
      } else if (again !== undefined && again >= RETRANSMISSIONS) {
        this.#lost(new Error('the other side does not answer any more'));
      }
    }
  }
}
