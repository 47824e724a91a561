import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { decode } from '../codec/decode.ts';
import { DecodeError } from '../codec/decode-error.ts';
import { encode } from '../codec/encode.ts';
import type { Message } from '../codec/message.ts';

/** Where a SEARCHGW goes: a multicast group, a broadcast address, or one host. */
export interface SearchTarget {
  readonly host: string;
  readonly port: number;
}

/** A gateway that was found. */
export interface FoundGateway {
  readonly gwId: number;
  /** Where the answer came from; a gateway answers from the address at which it serves clients (D-15). */
  readonly address: string;
  readonly port: number;
  /** Of GWINFO that another client has sent: where the gateway is, as it says (§5.4.3). */
  readonly gwAdd?: Uint8Array;
  /** `GWINFO`, or `ADVERTISE` that came while it was searched. */
  readonly by: 'GWINFO' | 'ADVERTISE';
  /** Milliseconds since the first SEARCHGW. */
  readonly after: number;
}

export interface GatewaySearchOptions {
  readonly targets: readonly SearchTarget[];
  /** Hops that the search may take; 0: all (D-9). */
  readonly radius: number;
  /** Milliseconds until the end of the search. */
  readonly wait: number;
  /** Called once for each gateway and address. */
  readonly onFound: (gateway: FoundGateway) => void;
  /** Called for a target to which nothing can be sent. */
  readonly onProblem: (target: SearchTarget, error: Error) => void;
  /** IPv4 address of the interface over which groups are asked; absent: the operating system chooses. */
  readonly interface?: string;
  /** Ends the search early. */
  readonly signal?: AbortSignal;
}

/** First wait for answers, in milliseconds; each further one is twice as long (D-12). */
const FIRST_WAIT = 500;
/** Gateways that are remembered at most. */
const MAX_FOUND = 1_000;

/** Asks for gateways (§6.1), and listens for as long as `wait` says. Rejects where no socket can be opened. */
export async function searchGateways(options: GatewaySearchOptions): Promise<void> {
  const { targets, wait, signal, onProblem } = options;
  const started = performance.now();
  const seen = new Set<string>();
  const listen = (socket: Socket): void => {
    socket.on('message', (frame, { address, port }) => {
      const found = gatewayIn(frame);
      const key = `${address} ${port} ${found?.gwId}`;
      if (found !== undefined && !seen.has(key) && seen.size < MAX_FOUND) {
        seen.add(key);
        options.onFound({ ...found, address, port, after: performance.now() - started });
      }
    });
  };
  const sockets = new Sockets(options, listen);
  try {
    const resolved: (readonly [SearchTarget, string, Socket])[] = [];
    for (const target of targets) {
      try {
        const address = isIP(target.host) === 0 ? (await lookup(target.host)).address : target.host;
        resolved.push([target, address, await sockets.for(address, target.port)]);
      } catch (error) {
        onProblem(target, error as Error);
      }
    }
    const frame = encode({ type: 'SEARCHGW', radius: options.radius });
    const failed = new Set<SearchTarget>();
    const ask = (): void => {
      for (const [target, address, socket] of resolved) {
        socket.send(frame, target.port, address, (error) => {
          if (error && !failed.has(target)) {
            failed.add(target);
            onProblem(target, error);
          }
        });
      }
    };
    for (let pause = FIRST_WAIT, left = wait; left > 0 && resolved.length > 0 && signal?.aborted !== true; pause *= 2) {
      ask();
      await pauseFor(Math.min(pause, left), signal);
      left -= pause;
    }
  } finally {
    await sockets.close();
  }
}

/** One socket for each family, and one for each group that is asked: gateways answer to the group as well (D-10). */
class Sockets {
  readonly #options: GatewaySearchOptions;
  readonly #opened: (socket: Socket) => void;
  readonly #all: Socket[] = [];
  readonly #senders = new Map<number, Socket>();

  constructor(options: GatewaySearchOptions, opened: (socket: Socket) => void) {
    this.#options = options;
    this.#opened = opened;
  }

  /** The socket from which an address is asked. */
  async for(address: string, port: number): Promise<Socket> {
    const family = isIP(address);
    if (isGroup(address)) {
      await this.#join(address, port).catch(() => undefined); // another program has the port alone: answers to ourselves are heard all the same
    }
    const known = this.#senders.get(family);
    if (known !== undefined) {
      return known;
    }
    const sender = await this.#bound(family, 0);
    this.#senders.set(family, sender);
    if (family === 4) {
      sender.setBroadcast(true);
      sender.setMulticastLoopback(true);
      if (this.#options.interface !== undefined) {
        sender.setMulticastInterface(this.#options.interface);
      }
    }
    return sender;
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }

  async #join(group: string, port: number): Promise<void> {
    const socket = await this.#bound(isIP(group), port);
    socket.addMembership(group, this.#options.interface);
  }

  async #bound(family: number, port: number): Promise<Socket> {
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', reuseAddr: port !== 0 });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind(port, () => resolve());
      });
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.removeAllListeners('error');
    socket.on('error', () => undefined);
    this.#all.push(socket);
    this.#opened(socket);
    return socket;
  }
}

function isGroup(address: string): boolean {
  return isIP(address) === 6 ? /^ff/i.test(address) : /^2(2[4-9]|3\d)\./.test(address);
}

function gatewayIn(frame: Uint8Array): Pick<FoundGateway, 'gwId' | 'gwAdd' | 'by'> | undefined {
  let message: Message;
  try {
    message = decode(frame);
  } catch (error) {
    if (error instanceof DecodeError) {
      return undefined;
    }
    throw error;
  }
  if (message.type === 'GWINFO') {
    return { by: 'GWINFO', gwId: message.gwId, ...(message.gwAdd && { gwAdd: message.gwAdd }) };
  }
  return message.type === 'ADVERTISE' ? { by: 'ADVERTISE', gwId: message.gwId } : undefined;
}

function pauseFor(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
  });
}
