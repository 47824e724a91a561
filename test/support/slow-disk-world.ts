/**
 * An aggregating gateway whose disk lags behind, a broker that sends a copy for each subscription and repeats what is not acknowledged (MQTT 5), and the
 * persistent clients `a` and `b`. What waits for the disk in the gateway waits here as well.
 */
import { Lanes } from '../../src/app/lanes.ts';
import type { Effect, Send, StoreEffect, UpstreamEffect } from '../../src/core/contract/effect.ts';
import type { Input } from '../../src/core/contract/input.ts';
import { connectFrame, frame, hex16 } from './core-bench.ts';
import type { Disk } from './core-bench-restart.ts';
import { HubBench, hubRestarted } from './hub-bench.ts';
import { writeToDisk } from './write-to-disk.ts';

export type Qos = 0 | 1 | 2;

interface Copy {
  readonly text: string;
  readonly qos: Qos;
  readonly identifier: number;
  /** PUBREC has come. */
  released: boolean;
}

/** The broker's session of the shared connection, with MQTT 5. */
class Broker {
  readonly filters = new Map<string, { qos: Qos; identifier: number }>();
  /** What it has sent, by packet id, and what waits for an acknowledgement of that. */
  readonly out = new Map<number, Copy>();
  readonly waiting: Copy[] = [];
  readonly #window: number;
  #last = 0;

  /** `window`: so many are out at a time. */
  constructor(window: number) {
    this.#window = window;
  }

  /** One copy for each filter; those with QoS 0 go at once. */
  publish(text: string, sent: Qos): readonly Copy[] {
    const copies = [...this.filters.values()].map(({ qos: granted, identifier }) => {
      const qos = Math.min(sent, granted) as Qos;
      return { text, qos, identifier, released: false };
    });
    this.waiting.push(...copies.filter(({ qos }) => qos > 0));
    return copies.filter(({ qos }) => qos === 0);
  }

  /** The packet id of the next one that may go out. */
  next(): number | undefined {
    const copy = this.out.size < this.#window ? this.waiting.shift() : undefined;
    if (copy === undefined) {
      return undefined;
    }
    this.out.set(++this.#last, copy);
    return this.#last;
  }
}

const CLIENTS = ['a', 'b'];

export class SlowDiskWorld {
  readonly broker: Broker;
  /** Texts of what has been published, and what `a` has got; what comes again of a QoS 2 message, as its MsgId tells, is not got. */
  readonly published: string[] = [];
  readonly got: string[] = [];
  /** What has been done, for a message that can be read. */
  readonly log: string[] = [];
  #bench = new HubBench({ answersPings: false });
  readonly #disk: Disk = new Map();
  #stores: { readonly effect: StoreEffect; readonly open: () => void }[] = [];
  #turns = 0;
  #lanes = this.#newLanes();
  /** A client that hears nothing. */
  #deaf: string | undefined;
  /** What the broker has heard, and not answered; what clients have. */
  #atBroker: Effect[] = [];
  #atClients: Send[] = [];
  /** What the core is to hear of clients that wait for the disk for long. */
  #holds: Input[] = [];

  /** `window`: so many messages the broker has out at a time. */
  constructor(window: number) {
    this.broker = new Broker(window);
    for (const name of CLIENTS) {
      this.#from(name, connectFrame(name, false, 10_000));
    }
    this.catchUp();
  }

  #newLanes(): Lanes {
    const perform = (effect: Effect): void => {
      if (effect.type === 'send') {
        this.#atClients.push(effect);
      } else {
        this.#atBroker.push(effect);
      }
    };
    const hold = (clientId: string, isHeld: boolean): void => {
      this.#holds.push({ type: isHeld ? 'client-held' : 'client-released', clientId });
    };
    return new Lanes({ perform, hold });
  }

  /** The gateway has handled something, with these lines: writes wait, and what waits for them; the rest reaches the clients, which answer, and the broker. */
  #did(lines: readonly string[]): void {
    this.#bench.act(lines.filter((line) => line.includes(' CONNECT (')));
    this.#take();
    for (let next = this.#atClients.shift(); next !== undefined; next = this.#atClients.shift()) {
      const name = next.link.slice('udp:'.length);
      if (name !== this.#deaf) {
        this.#bench.hears(name, Buffer.from(next.frame));
        this.#take();
      }
    }
    const news = this.#bench.got('a').filter((line) => line.startsWith('qos'));
    this.got.push(...news);
    this.log.push(...news.map((line) => `    a gets ${line}`));
  }

  #take(): void {
    for (const effect of this.#bench.turns.slice(this.#turns).flat()) {
      if (effect.type === 'store') {
        this.#stores.push({ effect, open: this.#lanes.block(effect.durable ? effect.owners : []) });
      } else if (effect.type !== 'load') {
        this.#lanes.add(effect);
      }
    }
    this.#turns = this.#bench.turns.length;
    for (let next = this.#holds.shift(); next !== undefined; next = this.#holds.shift()) {
      this.#bench.feed(this.#lanes.told(next));
      this.#take();
    }
  }

  #from(name: string, hex: string): void {
    this.#did(this.#bench.from(name, hex));
  }

  /** The broker answers so many of the packets that have reached it. */
  answers(most = Number.POSITIVE_INFINITY): void {
    for (let count = 0; count < most; count++) {
      const effect = this.#atBroker.shift();
      if (effect === undefined) {
        return;
      }
      if ('connection' in effect && effect.connection === this.#bench.shared) {
        this.#did(this.#answer(effect));
        this.#sendNext();
      }
    }
  }

  #sendNext(): void {
    for (let next = this.broker.next(); next !== undefined; next = this.broker.next()) {
      this.#send(next, false);
    }
  }

  #answer(effect: UpstreamEffect): string[] {
    const { broker } = this;
    const bench = this.#bench;
    const { shared: connection } = bench;
    switch (effect.type) {
      case 'upstream-subscribe':
        this.log.push(`  broker: SUBSCRIBE ${effect.filter} ${effect.qos} as ${effect.identifier}`);
        broker.filters.set(effect.filter, { qos: effect.qos, identifier: effect.identifier ?? 0 });
        return bench.suback(connection, effect.packetId, effect.qos);
      case 'upstream-unsubscribe':
        this.log.push(`  broker: UNSUBSCRIBE ${effect.filter}`);
        broker.filters.delete(effect.filter);
        return bench.unsuback(connection, effect.packetId);
      case 'upstream-ping':
        return bench.feed({ type: 'upstream-ponged', connection });
      case 'upstream-acknowledge': {
        const sent = broker.out.get(effect.packetId);
        this.log.push(`  broker: ${effect.packet} ${effect.packetId}`);
        if (effect.packet !== 'PUBREC') {
          broker.out.delete(effect.packetId);
        } else if (sent) {
          sent.released = true;
          return bench.released(connection, effect.packetId);
        }
        return [];
      }
      default:
        return [];
    }
  }

  #send(packetId: number, dup: boolean): void {
    const sent = this.broker.out.get(packetId);
    if (sent === undefined) {
      return;
    }
    if (sent.released) {
      this.#did(this.#bench.released(this.#bench.shared, packetId));
    } else {
      this.#sendCopy(sent, packetId, dup);
    }
  }

  #sendCopy({ text, qos, identifier }: Copy, packetId: number, dup: boolean): void {
    this.log.push(`  copy of ${text} ${packetId} qos${qos} for ${identifier}${dup ? ' dup' : ''}`);
    const names = { qos, packetId, identifiers: [identifier], dup };
    this.#did(this.#bench.message(this.#bench.shared, 'x/y', text, names));
  }

  publish(qos: Qos): void {
    const text = `m${this.published.length + 1}`;
    this.published.push(text);
    this.log.push(`publish ${text} qos${qos}`);
    for (const copy of this.broker.publish(text, qos)) {
      this.#sendCopy(copy, 0, false);
    }
    this.#sendNext();
  }

  subscribe(name: string, filter: string, qos: Qos): void {
    this.log.push(`${name} SUBSCRIBE ${filter} ${qos}`);
    const client = this.#bench.of(name);
    client.asked.set(client.next, filter);
    this.#from(name, frame(`12 ${['00', '20', '40'][qos]} ${hex16(client.next++)}`, filter));
  }

  unsubscribe(name: string, filter: string): void {
    this.log.push(`${name} UNSUBSCRIBE ${filter}`);
    this.#from(name, frame(`14 00 ${hex16(this.#bench.of(name).next++)}`, filter));
  }

  /** Nothing reaches `a`. */
  deaf(isDeaf: boolean): void {
    this.#deaf = isDeaf ? 'a' : undefined;
    this.log.push(isDeaf ? 'a hears nothing' : 'a hears');
  }

  pass(milliseconds: number): void {
    this.log.push(`+${milliseconds}`);
    this.#did(this.#bench.pass(milliseconds));
  }

  /** So many writes reach the disk. */
  writes(many: number): void {
    this.log.push(`${Math.min(many, this.#stores.length)} of ${this.#stores.length} writes`);
    for (const { effect, open } of this.#stores.splice(0, many)) {
      writeToDisk(this.#disk, effect);
      open();
      this.#did([]);
    }
    if (this.#stores.length === 0) {
      this.#lanes.holding = false;
      this.#did([]);
    }
  }

  /** The gateway sees that the disk does not answer. */
  hangs(): void {
    this.log.push('the disk hangs');
    this.#lanes.holding = true;
    this.#did([]);
  }

  /** All is written and answered. */
  catchUp(): void {
    do {
      this.answers();
      this.writes(Number.POSITIVE_INFINITY);
      this.answers();
    } while (this.#stores.length > 0);
  }

  /** The connection breaks, and stands again. */
  breaks(): void {
    this.log.push('BREAK');
    this.#atBroker = [];
    const { shared: connection } = this.#bench;
    this.#did(this.#bench.feed({ type: 'upstream-lost', connection, reason: 'broken', takenOver: false }));
    while (this.#bench.shared === connection) {
      this.#did(this.#bench.pass(1_000));
    }
    this.#stands();
  }

  /** The broker has the session, and sends again what is not acknowledged. */
  #stands(): void {
    const { shared: connection } = this.#bench;
    this.#did(this.#bench.feed({ type: 'upstream-connected', connection, sessionPresent: true }));
    for (const packetId of [...this.broker.out.keys()]) {
      this.#send(packetId, true);
    }
    this.#sendNext();
    this.answers();
  }

  /** `a` sleeps for ten minutes, and wakes up for a moment. */
  sleeps(): void {
    this.log.push('a sleeps');
    this.#from('a', '04 18 0258');
  }

  wakes(): void {
    this.log.push('a wakes up');
    this.#from('a', frame('16', 'a'));
  }

  leaves(): void {
    this.log.push('a leaves');
    this.#from('a', '02 18');
  }

  comes(name = 'a'): void {
    this.log.push(`${name} comes`);
    this.#from(name, connectFrame(name, false, 10_000));
  }

  kill(): void {
    this.log.push('KILL');
    this.#stores = [];
    this.#atBroker = [];
    this.#holds = [];
    this.#lanes = this.#newLanes();
    this.#bench = hubRestarted(this.#bench, { isUnheard: true }, new Map(this.#disk));
    this.#turns = 0;
    this.#did([]);
    this.#did(this.#bench.up(this.#bench.own));
    this.#stands();
    for (const name of CLIENTS) {
      this.comes(name);
    }
    this.catchUp();
  }

  /** All is well from here on, and time passes. */
  settle(): void {
    this.deaf(false);
    this.comes();
    for (let times = 0; times < 8; times++) {
      this.pass(10_000);
      this.catchUp();
    }
  }
}
