import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import type { InterfaceSource, NetworkInterface } from '../../../src/transport/udp/network-interfaces.ts';

/** The loopback interface, made for the first, second … time. */
export function loopback(index = 1): NetworkInterface {
  return { name: 'lo', index, addresses: ['127.0.0.1', '::1'] };
}

/** Real sockets on a network that a test takes away and brings back. */
export class FakeNetwork {
  readonly interfaces: InterfaceSource;
  /** Error codes of the operating system: of binding to an address, and of joining a group. */
  bindFailure: string | undefined;
  joinFailure: string | undefined;
  /** Groups that were joined, in order, with what of them is open: `joined lo#1`. */
  readonly joins: string[] = [];
  /** Octets that are said to wait in each socket. */
  sendQueue = 0;
  readonly opened: Socket[] = [];
  watchers = 0;
  #interfaces: readonly NetworkInterface[];
  readonly #changed = new Set<() => void>();

  constructor(interfaces: readonly NetworkInterface[] = [loopback()]) {
    this.#interfaces = interfaces;
    this.interfaces = {
      list: () => this.#interfaces,
      watch: (changed) => {
        this.#changed.add(changed);
        this.watchers += 1;
        return () => {
          this.watchers -= this.#changed.delete(changed) ? 1 : 0;
        };
      },
    };
  }

  /** The interfaces are these now, and whoever watches them is told. */
  become(...interfaces: readonly NetworkInterface[]): void {
    this.#interfaces = interfaces;
    for (const changed of [...this.#changed]) {
      changed();
    }
  }

  readonly sockets = (options: SocketOptions): Socket => {
    const socket = createSocket(options);
    this.opened.push(socket);
    const bind = socket.bind.bind(socket) as (...args: unknown[]) => Socket;
    socket.bind = (...args: unknown[]) => {
      if (this.bindFailure === undefined) {
        return bind(...args);
      }
      const error = Object.assign(new Error(`bind ${this.bindFailure}`), { code: this.bindFailure });
      setImmediate(() => socket.emit('error', error));
      return socket;
    };
    const join = socket.addMembership.bind(socket);
    socket.addMembership = (group, via) => {
      if (this.joinFailure !== undefined) {
        throw Object.assign(new Error(`addMembership ${this.joinFailure}`), { code: this.joinFailure });
      }
      join(group, via ?? '127.0.0.1');
      this.joins.push(this.#interfaces.map(({ name, index }) => `${name}#${index}`).join());
    };
    socket.getSendQueueSize = () => this.sendQueue;
    return socket;
  };
}
