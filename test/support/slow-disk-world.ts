/**
 * An aggregating gateway whose disk lags behind, a broker that sends a copy for each subscription and repeats what is not acknowledged (MQTT 5), and the
 * persistent clients `a` and `b`. What waits for the disk in the gateway waits here as well, save frames to clients.
 */
import { Lanes } from '../../src/app/lanes.ts';
import type { Effect, StoreEffect } from '../../src/core/contract/effect.ts';
import type { Disk } from './core-bench-restart.ts';
import { HubBench, hubRestarted } from './hub-bench.ts';
import { writeToDisk } from './write-to-disk.ts';

export type Qos = 0 | 1 | 2;

/** The broker's session of the shared connection, with MQTT 5. */
class Broker {
  readonly filters = new Map<string, { qos: Qos; identifier: number }>();
  /** What it has sent, by packet id: released: PUBREC has come. */
  readonly out = new Map<number, { text: string; qos: Qos; identifier: number; released: boolean }>();
  #last = 0;

  publish(text: string, qos: Qos): number[] {
    const sent: number[] = [];
    for (const { qos: granted, identifier } of this.filters.values()) {
      const packetId = ++this.#last;
      this.out.set(packetId, { text, qos: Math.min(qos, granted) as Qos, identifier, released: false });
      sent.push(packetId);
    }
    return sent;
  }
}

export class SlowDiskWorld {
  readonly broker = new Broker();
  /** Texts of what has been published, and what `a` has got. */
  readonly published: string[] = [];
  readonly got: string[] = [];
  /** What has been done, for a message that can be read. */
  readonly log: string[] = [];
  #bench = new HubBench();
  #disk: Disk = new Map();
  #stores: { readonly effect: StoreEffect; readonly open: () => void }[] = [];
  #turns = 0;
  #lanes = this.#newLanes();
  /** What the broker has heard, and not answered. */
  #heard: Effect[] = [];

  constructor() {
    for (const name of ['a', 'b']) {
      this.#bench.client(name, { clean: false });
    }
    this.catchUp();
  }

  #newLanes(): Lanes {
    return new Lanes({ perform: (effect) => this.#heard.push(effect), hold: () => {} });
  }

  /** Takes what the gateway does: writes wait, and what waits for them. */
  #take(): void {
    for (const effect of this.#bench.turns.slice(this.#turns).flat()) {
      if (effect.type === 'store') {
        this.#stores.push({ effect, open: this.#lanes.block(effect.durable ? effect.owners : []) });
      } else if (effect.type !== 'load') {
        this.#lanes.add(effect);
      }
    }
    this.#turns = this.#bench.turns.length;
    const news = this.#bench.got('a').filter((line) => line.startsWith('qos'));
    this.got.push(...news);
    this.log.push(...news.map((line) => `    a gets ${line}`));
  }

  /** The broker answers so many of the packets that have reached it. */
  answers(most = Number.POSITIVE_INFINITY): void {
    this.#take();
    for (let count = 0; count < most; count++) {
      const effect = this.#heard.shift();
      if (effect === undefined) {
        return;
      }
      this.#answer(effect);
      this.#take();
    }
  }

  #answer(effect: Effect): void {
    const { broker } = this;
    const bench = this.#bench;
    if (!('connection' in effect) || effect.connection !== bench.shared) {
      return;
    }
    switch (effect.type) {
      case 'upstream-subscribe':
        this.log.push(`  broker: SUBSCRIBE ${effect.filter} ${effect.qos} as ${effect.identifier}`);
        broker.filters.set(effect.filter, { qos: effect.qos, identifier: effect.identifier ?? 0 });
        bench.act(bench.suback(bench.shared, effect.packetId, effect.qos));
        return;
      case 'upstream-unsubscribe':
        this.log.push(`  broker: UNSUBSCRIBE ${effect.filter}`);
        broker.filters.delete(effect.filter);
        bench.act(bench.unsuback(bench.shared, effect.packetId));
        return;
      case 'upstream-ping':
        bench.pongs();
        return;
      case 'upstream-acknowledge': {
        const sent = broker.out.get(effect.packetId);
        this.log.push(`  broker: ${effect.packet} ${effect.packetId}`);
        if (effect.packet !== 'PUBREC') {
          broker.out.delete(effect.packetId);
        } else if (sent) {
          sent.released = true;
          bench.act(bench.released(bench.shared, effect.packetId));
        }
        return;
      }
      default:
    }
  }

  #send(packetId: number, dup: boolean): void {
    const sent = this.broker.out.get(packetId);
    if (sent === undefined) {
      return;
    }
    const { text, qos, identifier, released } = sent;
    if (released) {
      this.#bench.act(this.#bench.released(this.#bench.shared, packetId));
      return;
    }
    this.log.push(`  copy of ${text} ${packetId} qos${qos} for ${identifier}${dup ? ' dup' : ''}`);
    this.#bench.comes('x/y', text, { qos, packetId: qos && packetId, identifiers: [identifier], dup });
    if (qos === 0) {
      this.broker.out.delete(packetId);
    }
  }

  publish(qos: Qos): void {
    const text = `m${this.published.length + 1}`;
    this.published.push(text);
    this.log.push(`publish ${text} qos${qos}`);
    for (const packetId of this.broker.publish(text, qos)) {
      this.#send(packetId, false);
      this.#take();
    }
  }

  subscribe(name: string, filter: string, qos: Qos): void {
    this.log.push(`${name} SUBSCRIBE ${filter} ${qos}`);
    this.#bench.asks(name, filter, qos);
    this.#take();
  }

  unsubscribe(name: string, filter: string): void {
    this.log.push(`${name} UNSUBSCRIBE ${filter}`);
    this.#bench.unsubscribe(name, filter);
    this.#take();
  }

  mute(isMute: boolean): void {
    this.#bench.of('a').isMute = isMute;
    this.log.push(isMute ? 'a is mute' : 'a answers');
  }

  pass(milliseconds: number): void {
    this.log.push(`+${milliseconds}`);
    this.#bench.wait(milliseconds);
    this.#take();
  }

  /** So many writes reach the disk. */
  writes(many: number): void {
    this.log.push(`${Math.min(many, this.#stores.length)} of ${this.#stores.length} writes`);
    for (const { effect, open } of this.#stores.splice(0, many)) {
      writeToDisk(this.#disk, effect);
      open();
    }
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
    this.#heard = [];
    this.#bench.breaks();
    const { shared } = this.#bench;
    while (this.#bench.shared === shared) {
      this.#bench.wait(1_000);
      this.#take();
    }
    this.#bench.stands({ sessionPresent: true });
    this.#take();
    this.#sendAgain();
    this.answers();
  }

  leaves(): void {
    this.log.push('a leaves');
    this.#bench.says('a', '02 18');
    this.#take();
  }

  comes(): void {
    this.log.push('a comes');
    this.#bench.client('a', { clean: false });
    this.#take();
  }

  #sendAgain(): void {
    for (const packetId of [...this.broker.out.keys()]) {
      this.#send(packetId, true);
      this.#take();
    }
  }

  kill(): void {
    this.log.push('KILL');
    this.#stores = [];
    this.#heard = [];
    this.#lanes = this.#newLanes();
    this.#bench = hubRestarted(this.#bench, { connack: { sessionPresent: true } }, new Map(this.#disk));
    this.#turns = 0;
    this.#take();
    this.#sendAgain();
    this.answers();
    for (const name of ['a', 'b']) {
      this.#bench.client(name, { clean: false });
      this.#take();
    }
    this.catchUp();
  }

  /** All is well from here on, and time passes. */
  settle(): void {
    this.comes();
    this.mute(false);
    for (let times = 0; times < 8; times++) {
      this.pass(10_000);
      this.catchUp();
    }
  }
}
