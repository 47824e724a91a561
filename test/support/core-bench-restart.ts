/**
 * A core with a disk that outlives it: every store effect goes to a map, from which the next core is restored (S-1, 3.3).
 *
 *   const bench = new DiskBench();
 *   …
 *   const next = restarted(bench);      // kill -9, and the gateway is started again; `next.restored` has what came of it
 *
 * Each turn is checked: there is one store effect at most, and it comes first (effect.ts).
 */
import type { Effect, StoreEffect } from '../../src/core/contract/effect.ts';
import { InvariantError } from '../../src/core/contract/invariant-error.ts';
import type { StoredRecord } from '../../src/core/contract/stored-records.ts';
import { type BenchOptions, CoreBench, frame, hex16, octets } from './core-bench.ts';
import { keepSession, S1 } from './core-bench-frames.ts';
import { writeToDisk } from './write-to-disk.ts';

const OWN_CONNECT = ' CONNECT (gateway) clean';

/** What is on the disk. */
export type Disk = Map<string, StoredRecord>;

export class DiskBench extends CoreBench {
  readonly disk: Disk;
  /** What a loss of power would leave: all up to the last durable write. */
  synced: Disk;
  readonly options: BenchOptions;
  /** Effects of all turns so far, the last one last. */
  readonly turns: (readonly Effect[])[] = [];
  /** What the restored core did at once for its sessions; nothing for a first one. The own connection, which every start opens, stays unanswered. */
  restored: readonly string[] = [];
  readonly #connections = new Map<string, number>();

  constructor(options: BenchOptions = {}, disk: Disk = new Map()) {
    super(options);
    this.options = options;
    this.disk = disk;
    this.synced = new Map(disk);
    const handle = this.core.handle.bind(this.core);
    this.core.handle = (input, now) => {
      try {
        const effects = handle(input, now);
        this.#perform(effects);
        return effects;
      } catch (error) {
        if (!(options.survives && error instanceof InvariantError)) {
          throw error;
        }
        const { clientId, effects } = error;
        this.#perform(effects);
        return [...effects, ...this.core.handle({ type: 'session-failed', clientId }, now)];
      }
    };
  }

  /** The number of the last connection that was opened for a client. */
  connectionOf(clientId: string): number {
    const connection = this.#connections.get(clientId);
    if (connection === undefined) {
      throw new Error(`no connection was opened for ${clientId}`);
    }
    return connection;
  }

  /** The effects of the last turn, each by its type; a store effect as `durable` or `store`. */
  get lastTurn(): string[] {
    return (this.turns.at(-1) ?? []).flatMap((effect) =>
      effect.type === 'note' ? [] : [effect.type === 'store' ? kindOf(effect) : effect.type],
    );
  }

  #perform(effects: readonly Effect[]): void {
    this.turns.push(effects);
    for (const [place, effect] of effects.entries()) {
      if (effect.type === 'upstream-connect' && effect.clientId !== undefined) {
        this.#connections.set(effect.clientId, effect.connection);
      }
      if (effect.type !== 'store') {
        continue;
      }
      if (place > 0) {
        throw new Error(`a store effect behind ${effects.slice(0, place).map(({ type }) => type)}`);
      }
      writeToDisk(this.disk, effect);
      if (effect.durable || effect.syncs) {
        this.synced = new Map(this.disk);
      }
    }
  }
}

function kindOf({ durable }: StoreEffect): string {
  return durable ? 'durable' : 'store';
}

/** Kills the gateway of a bench and starts it again with what is on its disk (or on another), `after` milliseconds later. `more`: other settings or files. */
export function restarted(
  killed: DiskBench,
  after = 0,
  disk: Disk = killed.disk,
  more: Pick<BenchOptions, 'settings' | 'predefined'> = {},
): DiskBench {
  const bench = new DiskBench({ ...killed.options, ...more }, disk);
  bench.now = killed.now + after;
  const { maxFrame = 1472, broadcast = false } = killed.options;
  bench.feed({ type: 'transport-closed', transport: 'udp' }); // the store is read before clients are heard
  const started = bench.feed({ type: 'sessions-restored', records: [...structuredClone(disk).values()] });
  bench.restored = started.filter((line) => !line.endsWith(OWN_CONNECT));
  if (bench.restored.length !== started.length - 1) {
    throw new Error(`the own connection was not opened: ${started.join(' | ')}`);
  }
  bench.feed({ type: 'transport-opened', transport: 'udp', maxFrame, broadcast });
  return bench;
}

/** The same, and the broker accepts each connection that the new core opens. */
export function restartedAndUp(killed: DiskBench, sessionPresent = true, after = 0, disk = killed.disk): DiskBench {
  const bench = restarted(killed, after, disk);
  for (const line of bench.restored) {
    const connection = /^#(\d+) CONNECT/.exec(line)?.[1];
    if (connection !== undefined) {
      bench.restored = [...bench.restored, ...bench.up(Number(connection), sessionPresent)];
    }
  }
  return bench;
}

/** When the gateway is killed: before it handles an input, when it has only written to its disk, or when it has done everything. */
export const MOMENTS = ['before', 'stored', 'after'] as const;
export type Moment = (typeof MOMENTS)[number];

/**
 * A client that publishes m1…m3 and a broker that sends r1…r3, all with QoS 2, and a gateway that is killed at chosen events: before it
 * handled one, when it had only written to its disk, or when it had done everything. Client and broker repeat as they must.
 */
export class QosTwoWorld {
  readonly atBroker: string[] = [];
  readonly atClient: string[] = [];
  events = 0;
  bench = new DiskBench();
  readonly #crashes: ReadonlyMap<number, Moment>;
  readonly #sleeps: boolean;
  readonly #powerIsLost: boolean;
  #connection: number;
  #toGateway: { readonly ofBroker: boolean; readonly feed: () => string[] }[] = [];
  #publish: { readonly msgId: number; released: boolean } | undefined;
  readonly #clientHas = new Set<string>();
  readonly #brokerHas = new Set<number>();
  readonly #outgoing = new Map<number, { readonly payload: string; released: boolean }>();

  constructor(crashes: ReadonlyMap<number, Moment>, sleeps: boolean, powerIsLost: boolean) {
    this.#crashes = crashes;
    this.#sleeps = sleeps;
    this.#powerIsLost = powerIsLost;
    keepSession(this.bench);
    this.#connection = this.bench.connectionOf('s1');
    if (sleeps) {
      this.bench.from('s', '04 18 0E 10');
    }
  }

  /** So many times T_retry. */
  run(rounds: number): void {
    this.#next(1);
    for (const id of [1, 2, 3]) {
      this.#outgoing.set(id, { payload: `r${id}`, released: false });
      this.#brokerSends(id, false);
    }
    for (let round = 0; round < rounds; round++) {
      for (let event = this.#toGateway.shift(); event !== undefined; event = this.#toGateway.shift()) {
        this.#happens(event.feed);
      }
      this.#happens(() => this.bench.pass(10_000));
      if (this.#publish !== undefined) {
        this.#clientSends(this.#publish.released ? `04 10 ${hex16(this.#publish.msgId)}` : this.#frame(true));
      }
      this.#clientSends(this.#sleeps ? S1.pingReqId : S1.pingReq);
    }
  }

  get finished(): boolean {
    return this.#publish === undefined && this.#brokerHas.size === 0 && this.#outgoing.size === 0;
  }

  #happens(feed: () => string[]): void {
    const moment = this.#crashes.get(this.events++);
    const lines = moment === 'before' ? [] : feed();
    if (moment !== 'stored') {
      this.#perform(lines);
    }
    if (moment === undefined) {
      return;
    }
    this.bench = restarted(this.bench, 500, this.#powerIsLost ? this.bench.synced : this.bench.disk);
    this.#toGateway = this.#toGateway.filter(({ ofBroker }) => !ofBroker);
    this.#perform(this.bench.restored);
  }

  #perform(lines: readonly string[]): void {
    for (const line of lines) {
      if (line.startsWith('#')) {
        this.#brokerGets(line);
      } else {
        this.#clientGets(octets(line.slice('s < '.length)));
      }
    }
  }

  #brokerGets(line: string): void {
    const [, connection, packet, id] =
      /^#(\d+) (\w+)(?:.* id(\d+))?/.exec(line.replace('PUBLISH qos2', 'PUBLISH')) ?? [];
    const packetId = Number(id);
    const acked = (answer: 'PUBREC' | 'PUBCOMP') =>
      this.#fromBroker(() => this.bench.acked(this.#connection, answer, packetId));
    if (packet === 'CONNECT') {
      this.#connection = Number(connection);
      this.#fromBroker(() => this.bench.up(this.#connection, true));
      for (const open of this.#outgoing.keys()) {
        this.#brokerSends(open, true);
      }
    } else if (packet === 'PUBLISH') {
      if (!this.#brokerHas.has(packetId)) {
        this.atBroker.push(/"(.*)"/.exec(line)?.[1] ?? '');
      }
      this.#brokerHas.add(packetId);
      acked('PUBREC');
    } else if (packet === 'PUBREL') {
      this.#brokerHas.delete(packetId);
      acked('PUBCOMP');
    } else if (packet === 'PUBREC') {
      const message = this.#outgoing.get(packetId);
      if (message) {
        message.released = true;
      }
      this.#fromBroker(() => this.bench.released(this.#connection, packetId));
    } else if (packet === 'PUBCOMP') {
      this.#outgoing.delete(packetId);
    } else if (packet === 'SUBSCRIBE') {
      this.#fromBroker(() => this.bench.suback(this.#connection, packetId, 2));
    } else {
      throw new Error(line);
    }
  }

  #brokerSends(packetId: number, dup: boolean): void {
    const message = this.#outgoing.get(packetId);
    if (message?.released) {
      this.#fromBroker(() => this.bench.released(this.#connection, packetId));
    } else if (message) {
      this.#fromBroker(() => this.bench.message(this.#connection, 'c/d', message.payload, { qos: 2, packetId, dup }));
    }
  }

  #clientGets(octets: Buffer): void {
    const msgId = octets.subarray(octets[1] === 0x0c ? 5 : 2, octets[1] === 0x0c ? 7 : 4).toString('hex');
    if (octets[1] === 0x0c) {
      if (!this.#clientHas.has(msgId)) {
        this.atClient.push(octets.subarray(7).toString());
      }
      this.#clientHas.add(msgId);
      this.#clientSends(`04 0f ${msgId}`);
    } else if (octets[1] === 0x10) {
      this.#clientHas.delete(msgId);
      this.#clientSends(`04 0e ${msgId}`);
    } else if (octets[1] === 0x0f && this.#publish && Number.parseInt(msgId, 16) === this.#publish.msgId) {
      this.#publish.released = true;
      this.#clientSends(`04 10 ${msgId}`);
    } else if (octets[1] === 0x0e && this.#publish?.released && Number.parseInt(msgId, 16) === this.#publish.msgId) {
      this.#next(this.#publish.msgId + 1);
    } else if (![0x0e, 0x0f, 0x17].includes(octets[1] ?? 0)) {
      throw new Error(`the client got ${octets.toString('hex')}`);
    }
  }

  #next(msgId: number): void {
    this.#publish = msgId > 3 ? undefined : { msgId, released: false };
    if (this.#publish) {
      this.#clientSends(this.#frame(false));
    }
  }

  #frame(dup: boolean): string {
    const msgId = this.#publish?.msgId ?? 0;
    return frame(`0c ${dup ? 'c0' : '40'} 0001 ${hex16(msgId)}`, `m${msgId}`);
  }

  #clientSends(hex: string): void {
    this.#toGateway.push({ ofBroker: false, feed: () => this.bench.from('s', hex) });
  }

  #fromBroker(feed: () => string[]): void {
    this.#toGateway.push({ ofBroker: true, feed });
  }
}
