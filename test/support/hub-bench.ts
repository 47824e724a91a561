/**
 * An aggregating gateway on a bench: its clients answer by themselves, save those that are mute; what the broker is told is returned, what the clients
 * got is kept.
 *
 *   const bench = new HubBench();              own connection #1, shared one #2, both stand
 *   bench.client('a');                         clean; `{ clean: false }`: persistent
 *   bench.subscribe('a', 'x/+', 1);            and the broker grants it
 *   bench.comes('x/y', 'hello', { qos: 1, packetId: 7, identifiers: [65] });
 *   bench.got('a')                             ['qos1 x/y "hello"'], since it was asked last
 */
import type { UpstreamConnected, UpstreamLost, UpstreamMessage } from '../../src/core/contract/input.ts';
import { type BenchOptions, connectFrame, frame, hex16, octets } from './core-bench.ts';
import { type Disk, DiskBench } from './core-bench-restart.ts';

interface Client {
  readonly topics: Map<number, string>;
  got: string[];
  /** MsgIds of QoS 2 messages that it has, for which PUBREL is to come. */
  readonly received: Set<number>;
  /** Answers neither PUBLISH nor PUBREL. */
  isMute: boolean;
  /** MsgId of its next request. */
  next: number;
  /** What it asked for with which MsgId. */
  readonly asked: Map<number, string>;
}

export interface HubBenchOptions extends BenchOptions {
  /** What the broker says when the shared connection stands. */
  readonly connack?: Partial<UpstreamConnected>;
  /** The bench stops before any connection stands. */
  readonly isAway?: true;
  /** The same, and the clients have not heard yet what the start has sent to them. */
  readonly isUnheard?: true;
  /** The clients are those of this one, which know what they knew. */
  readonly before?: HubBench;
}

export class HubBench extends DiskBench {
  own = 0;
  shared = 0;
  readonly #clients = new Map<string, Client>();
  readonly #connack: Partial<UpstreamConnected>;

  constructor(options: HubBenchOptions = {}, disk: Disk = new Map(), now = 1_000_000) {
    const upstream = { mode: 'aggregating' as const, ...options.settings?.upstream };
    super({ ...options, settings: { ...options.settings, upstream } }, disk);
    this.now = now;
    this.#connack = options.connack ?? {};
    if (options.before) {
      for (const [name, client] of options.before.#clients) {
        this.#clients.set(name, { ...client, isMute: false, got: [] });
      }
    }
    this.start(options.isUnheard);
    if (!options.isAway && !options.isUnheard) {
      this.up(this.own);
      this.stands();
    }
  }

  private start(isUnheard = false): void {
    const lines = this.feed({ type: 'sessions-restored', records: [...structuredClone(this.disk).values()] });
    this.act(isUnheard ? lines.filter((line) => line.includes(' CONNECT (')) : lines);
  }

  /** Feeds nothing: takes note of connections in these lines, and lets the clients answer. What the broker is told. */
  act(lines: readonly string[]): string[] {
    const told: string[] = [];
    const pending = [...lines];
    for (let line = pending.shift(); line !== undefined; line = pending.shift()) {
      const [, number, who] = /^#(\d+) CONNECT \((gateway|shared)\)/.exec(line) ?? [];
      if (who === 'gateway') {
        this.own = Number(number);
      } else if (who === 'shared') {
        this.shared = Number(number);
      }
      const [, name = '', hex = ''] = /^(\S+) < ([0-9a-f]+)$/.exec(line) ?? [];
      if (hex === '') {
        told.push(line);
      } else {
        pending.push(...this.hears(name, octets(hex)));
      }
    }
    return told;
  }

  /** The broker accepts the shared connection. */
  stands(more: Partial<UpstreamConnected> = {}): string[] {
    const { shared: connection } = this;
    const connected = {
      type: 'upstream-connected',
      connection,
      sessionPresent: false,
      ...this.#connack,
      ...more,
    } as const;
    return this.act(this.feed(connected));
  }

  /** The shared connection breaks. */
  breaks(more: Partial<UpstreamLost> = {}): string[] {
    const { shared: connection } = this;
    return this.act(this.feed({ type: 'upstream-lost', connection, reason: 'broken', takenOver: false, ...more }));
  }

  /** PINGRESP on the shared connection. */
  pongs(): string[] {
    return this.act(this.feed({ type: 'upstream-ponged', connection: this.shared }));
  }

  /** Lets time pass. What the broker is told. */
  wait(milliseconds: number): string[] {
    return this.act(this.pass(milliseconds));
  }

  of(name: string): Client {
    let client = this.#clients.get(name);
    if (client === undefined) {
      client = { topics: new Map(), got: [], received: new Set(), isMute: false, next: 1, asked: new Map() };
      this.#clients.set(name, client);
    }
    return client;
  }

  /** A frame of a client. What the broker is told. */
  says(name: string, hex: string): string[] {
    return this.act(this.from(name, hex));
  }

  /** Connects a client with a keep-alive of 10,000 s; what the broker is told. */
  client(name: string, { clean = true, will = '' } = {}): string[] {
    const told = this.says(name, will === '' ? connectFrame(name, clean, 10_000) : willConnect(name, clean));
    if (will !== '') {
      told.push(...this.says(name, frame('07 20', 'will')), ...this.says(name, frame('09', will)));
    }
    return told;
  }

  /** SUBSCRIBE of a client, as it comes: the broker has not answered. */
  asks(name: string, filter: string, qos: 0 | 1 | 2): string[] {
    const client = this.of(name);
    client.asked.set(client.next, filter);
    return this.says(name, frame(`12 ${['00', '20', '40'][qos]} ${hex16(client.next++)}`, filter));
  }

  /** SUBACK for each SUBSCRIBE in these lines. What the broker is told then. */
  grants(lines: readonly string[], reasonCode?: number): string[] {
    return lines.flatMap((line) => {
      const [, id, qos] = /SUBSCRIBE id(\d+) .* ?qos(\d)/.exec(line.replace('UNSUBSCRIBE', '')) ?? [];
      return id === undefined ? [] : this.act(this.suback(this.shared, Number(id), reasonCode ?? Number(qos)));
    });
  }

  /** SUBSCRIBE of a client, and the broker grants what is asked for; what it was told. */
  subscribe(name: string, filter: string, qos: 0 | 1 | 2): string[] {
    const told = this.asks(name, filter, qos);
    return [...told, ...this.grants(told)];
  }

  unsubscribe(name: string, filter: string): string[] {
    return this.says(name, frame(`14 00 ${hex16(this.of(name).next++)}`, filter));
  }

  /** PUBLISH of the broker on the shared connection. What it is told. */
  comes(topic: string, payload: string, more: Partial<UpstreamMessage> = {}): string[] {
    return this.act(this.message(this.shared, topic, payload, more));
  }

  /** PUBLISH of a client with the short topic `tp`. */
  publishes(name: string, qos: 1 | 2, msgId: number, text: string): string[] {
    return this.says(name, frame(`0c ${qos === 1 ? '22' : '42'} 7470 ${hex16(msgId)}`, text));
  }

  acks(packet: 'PUBACK' | 'PUBREC' | 'PUBCOMP', packetId: number, reasonCode = 0): string[] {
    return this.act(this.acked(this.shared, packet, packetId, reasonCode));
  }

  /** What a client has got since it was asked last. */
  got(name: string): string[] {
    return this.of(name).got.splice(0);
  }

  /** A client gets a frame, and answers it. What the gateway does then, which nobody has heard yet. */
  hears(name: string, octets: Buffer): string[] {
    const client = this.of(name);
    const type = octets[1] ?? 0;
    switch (type) {
      case 0x0a: {
        const id = octets.readUInt16BE(2);
        client.topics.set(id, octets.subarray(6).toString());
        return this.from(name, `07 0b ${hex16(id)} ${octets.subarray(4, 6).toString('hex')} 00`);
      }
      case 0x0c:
        return this.#gets(name, client, octets);
      case 0x10: {
        client.received.delete(octets.readUInt16BE(2));
        return client.isMute ? [] : this.from(name, `04 0e ${octets.subarray(2, 4).toString('hex')}`);
      }
      case 0x13:
        client.topics.set(octets.readUInt16BE(3), client.asked.get(octets.readUInt16BE(5)) ?? '');
        client.got.push(octets.toString('hex'));
        return [];
      default:
        client.got.push(octets.toString('hex'));
        return [];
    }
  }

  #gets(name: string, client: Client, octets: Buffer): string[] {
    const flags = octets[2] ?? 0;
    const qos = (flags >> 5) & 3;
    const msgId = octets.readUInt16BE(5);
    const id = octets.readUInt16BE(3);
    const short = octets.subarray(3, 5).toString();
    const topic = (flags & 3) === 2 ? short : (client.topics.get(id) ?? `#${id}`);
    if (!client.received.has(msgId) || qos !== 2) {
      const text = octets.subarray(7).toString();
      client.got.push(`qos${qos} ${topic} "${text}"${flags & 0x80 ? ' dup' : ''}${flags & 0x10 ? ' retain' : ''}`);
    }
    if (client.isMute || qos === 0) {
      return [];
    }
    if (qos === 2) {
      client.received.add(msgId);
      return this.from(name, `04 0f ${hex16(msgId)}`);
    }
    return this.from(name, `07 0d ${hex16(id)} ${hex16(msgId)} 00`);
  }
}

function willConnect(name: string, clean: boolean): string {
  return frame(`04 ${clean ? '0c' : '08'} 01 2710`, name);
}

/** Kills the gateway of a bench, and starts it again with what is on its disk; the broker accepts both connections. */
export function hubRestarted(killed: HubBench, more: Partial<HubBenchOptions> = {}, disk = killed.disk): HubBench {
  return new HubBench({ ...(killed.options as HubBenchOptions), ...more, before: killed }, disk, killed.now);
}

/** A gateway with the persistent clients `a` and `b`. */
export function serving(): HubBench {
  const bench = new HubBench();
  for (const name of ['a', 'b']) {
    bench.client(name, { clean: false });
    bench.got(name);
  }
  return bench;
}
